// Frames and control objects: the only place that knows how calls look as bytes.
//
// Output of a flow: frame 0 is
//   {plan: [[statement, [frame …], forHost] …], carry?: [frame …], shard?, shards?}
//                                                             statements to run as one batch, or
//   {sends?, marks?, runs?, tokens?, jobs?, aborts?, alerts?, alertsCut?, logs?, reply?, split?, againMs?,
//   bisect?, more?}
// where the frames of `carry` stand for the bodies in the call with that batch's rows, sends are [[binding,
// frame, delaySeconds] …], marks [[message, retry, delaySeconds] …], reply {status, retryAfter?, frame}, and
// the frames `tokens` and `jobs` have a line for each of the runs. Frames hold bound texts, message bodies
// and answers, so that the caller never parses them. With several databases shard (0 where it is missing) is
// the plan's, or shards are all on which it runs; split is [[shard, [item …]] …], see step.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/step.h"

namespace sluice::abi {

// Splits `bytes` into frames; false where lengths do not add up.
[[nodiscard]] bool read_frames(std::string_view bytes, std::vector<std::string_view>& out);

// Writes frames one after the other into `out`, replacing what it held.
void write_frames(const std::vector<std::string_view>& frames, std::string& out);

// Writes a step.
void write_step(const Step& step, std::string& out);

}  // namespace sluice::abi
