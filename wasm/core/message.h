// Messages: the envelopes that travel through queues. A message is one envelope or {jobs: [envelope, …]}.
// The record decides; a message of ours is only a wake-up and carries a mark by which it is known.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/job.h"
#include "core/json.h"
#include "core/step.h"

namespace sluice {

// What a new message says of a job. Where `payload` is empty or too long for a message, the message refers
// to the record instead ("payload": null, "payloadRef": "d1").
struct Wake {
  std::string_view id;
  std::string_view type;
  std::string_view payload = {};
  int64_t priority = 0;
  int64_t scheduled_at = 0;
  int64_t max_attempts = 1;
  int64_t timeout_ms = 0;
  std::string_view correlation_id = {};  // empty: the job's id
  std::string_view user_id = {};
  std::string_view session_id = {};
  int64_t dead_fence = -1;  // ≥ 0: a dead letter of ours, valid for this fencing token only
};

// One envelope as JSON.
[[nodiscard]] std::string write_message(const Wake& wake);

// Collects envelopes into messages, as many in one as the transport packs and fit.
class Packer {
 public:
  Packer(Step& step, int transport) : step_(step), transport_(transport) {}
  ~Packer() { flush(); }
  Packer(const Packer&) = delete;
  Packer& operator=(const Packer&) = delete;

  void add(std::string envelope);
  void flush();

 private:
  Step& step_;
  int transport_;
  std::vector<std::string> held_;
  size_t bytes_ = 0;
};

// What one envelope of a delivered message turned out to be.
enum class MessageKind : uint8_t { own, dead, foreign, invalid };

struct Delivered {
  MessageKind kind = MessageKind::invalid;
  size_t message = 0;           // index in the batch
  size_t place = 0;             // of the envelope in its message
  bool sole = true;             // the only envelope of its message
  std::string_view id;          // own, dead: the job's id
  int64_t fence = -1;           // dead: the fencing token it was buried with
  std::unique_ptr<NewJob> job;  // foreign: the job to adopt
  std::string_view raw;         // the envelope's text
  std::string code;             // invalid: what is wrong, as a code …
  std::string detail;           // … and in words, with the place
};

// Reads the messages of a batch. `documents` holds one document per message and must outlive the result.
[[nodiscard]] std::vector<Delivered> read_messages(const Config& config,
                                                   const std::vector<std::string_view>& bodies,
                                                   std::vector<json::Document>& documents, int64_t now,
                                                   Entropy& entropy);

}  // namespace sluice
