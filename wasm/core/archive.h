// Messages that are no jobs: kept once with their raw body, acknowledged, and reported.
#pragma once

#include <string>
#include <vector>

#include "core/message.h"
#include "core/step.h"

namespace sluice {

// The batch that a consumer was handed: control is {queue, worker?, messages: [{id, attempts}, …]}, the
// frames are the bodies.
struct Batch {
  std::string_view queue;
  std::vector<json::Document> documents;
  std::vector<Delivered> delivered;
  unsigned shard = 0;       // where all of it lives …
  std::vector<Part> split;  // … or, not empty, the messages that concern each of several shards
  std::vector<std::string_view> astray;  // ids that name a database which there is not
};

// Reads the batch; the entropy goes on after the ids that foreign envelopes were given. What does not live on
// the shard that the caller was told is left out, and what no database has.
void read_batch(const Input& input, Entropy& entropy, Batch& out);

// The transport's id and delivery count of a message.
[[nodiscard]] std::string_view transport_id(const Input& input, size_t message);
[[nodiscard]] int64_t deliveries(const Input& input, size_t message);

// Adds the statement that archives the invalid envelopes of the batch, if there are any.
void add_archive(const Input& input, const Batch& batch, const std::string& op, Step& step);

// Adds one log line for each of them, and for what names a database which there is not.
void log_archived(const Input& input, const Batch& batch, Step& step);

// D1 failed: again, or each half by itself, or all messages back to their queue.
[[nodiscard]] Step return_batch(const Input& input);

}  // namespace sluice
