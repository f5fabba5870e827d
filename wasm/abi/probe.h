// Single decisions of the core by name, so that the vectors which the native tests run can be run through the
// module as well and must give the same bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sluice::abi {

// Frame 0 is {probe, …}: "json" {} (frame 1 a document), "schema" {} (frame 1 a schema, frame 2 a document),
// "backoff" {policy: [kind, delay, cap, permille], attempts: [n …], seed}, "id" {now, place, shard, seed}.
// Writes one frame of JSON; false for an unknown probe.
[[nodiscard]] bool probe(const std::vector<std::string_view>& frames, std::string& output);

}  // namespace sluice::abi
