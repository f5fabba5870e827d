#include "core/lock.h"

#include "core/guard.h"
#include "core/id.h"
#include "core/limits.h"
#include "core/reply.h"
#include "core/shards.h"

namespace sluice {
namespace {

std::vector<Fault> faults_of(std::string_view key, int64_t ttl_ms) {
  std::vector<Fault> out;
  if (key.empty() || key.size() > limits::kLockKeyBytesMax) {
    out.push_back({"/key", "max_length",
                   "A lock's key has 1 to " + std::to_string(limits::kLockKeyBytesMax) + " bytes."});
  }
  if (ttl_ms < 1 || ttl_ms > limits::kLockTtlMsMax) {
    out.push_back(
        {"/ttlMs", "maximum", "A lock is taken for 1 to " + std::to_string(limits::kLockTtlMsMax) + " ms."});
  }
  return out;
}

// The same on every call of one step, so that a repeated step knows its own lock.
std::string value_of(const Input& input) {
  Entropy entropy = input.entropy;
  std::string out = make_nonce(entropy);  // one after the other: operands are evaluated in any order
  return out.append(make_nonce(entropy));
}

// Locks are on shard 0, so that each has one judge.
bool lives_with_locks(const Input& input) {
  return home_of_job(input.config, input.control.find("id").text()) == 0;
}

// Asks the job's own database for its lease.
Step ask_lease(const Input& input) {
  Step step;
  const std::string_view id = input.control.find("id").text();
  step.shard = home_of_job(input.config, id);
  std::string text;
  json::Writer writer(text);
  writer.begin_object().key("id").string(id);
  writer.key("fence").integer(input.control.find("fence").integer(-1)).end_object();
  step.add(Sql::lock_lease, {step.text(std::move(text))});
  return step;
}

std::string write_wish(const Input& input, std::string_view key, int64_t ttl_ms) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("key").string(key).key("value").string(value_of(input));
  writer.key("id").string(input.control.find("id").text());
  writer.key("fence").integer(input.control.find("fence").integer(-1));
  writer.key("now").integer(input.now).key("until").integer(input.now + ttl_ms);
  writer.key("skew").integer(clock_skew_ms());
  if (!lives_with_locks(input)) writer.key("elsewhere").integer(1);
  writer.end_object();
  return out;
}

Step answer(bool taken, const Input& input) {
  Step step;
  step.reply.status = 200;
  json::Writer writer(step.reply.body);
  writer.begin_object().key("value");
  if (taken) {
    writer.string(value_of(input));
  } else {
    writer.null();
  }
  writer.end_object();
  return step;
}

}  // namespace

Step take_lock(const Input& input) {
  if (input.failed) return failed_batch(input);
  const std::string_view key = input.control.find("key").text();
  const int64_t ttl_ms = input.control.find("ttlMs").integer();
  Step step;
  if (const std::vector<Fault> faults = faults_of(key, ttl_ms); !faults.empty()) {
    step.reply = problem(422, "The lock is not one that can be taken.", faults);
    return step;
  }
  const size_t asked = lives_with_locks(input) ? 0 : 1;
  if (input.rows.size() < asked) return ask_lease(input);
  if (asked > 0 && !input.row(0, 0)) return answer(false, input);
  if (input.rows.size() > asked) return answer(static_cast<bool>(input.row(asked, 0)), input);
  step.add(Sql::lock_take, {step.text(write_wish(input, key, ttl_ms))});
  return step;
}

Step release_lock(const Input& input) {
  if (input.failed) return failed_batch(input);
  Step step;
  if (!input.rows.empty()) {
    step.reply = Reply{200, 0, "{}"};
    return step;
  }
  std::string text;
  json::Writer writer(text);
  writer.begin_object().key("key").string(input.control.find("key").text());
  writer.key("value").string(input.control.find("value").text()).end_object();
  step.add(Sql::lock_release, {step.text(std::move(text))});
  return step;
}

}  // namespace sluice
