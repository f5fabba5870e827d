#include "core/poll.h"

#include <algorithm>

#include "core/gate.h"
#include "core/guard.h"
#include "core/id.h"
#include "core/limits.h"
#include "core/run.h"
#include "core/shards.h"
#include "core/writer.h"

namespace sluice {
namespace {

// How many jobs this poll asks for; 0 where the run has had its share.
int64_t rows_of(const Input& input) {
  const int64_t taken = count_of(input.control.find("taken"));
  return std::clamp<int64_t>(input.config.settings.poll_batch - taken, 0, limits::kPollRows);
}

std::string write_scalars(const Input& input) {
  Entropy entropy = input.entropy;
  const int64_t lease = input.now + input.config.settings.lease_ms;
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("line").string(input.control.find("line").text());
  writer.key("rows")
      .integer(rows_of(input))
      .key("now")
      .integer(input.now)
      .key("skew")
      .integer(clock_skew_ms());
  writer.key("op").string(make_nonce(entropy)).key("worker").string(input.control.find("worker").text());
  writer.key("lease").integer(lease).key("wake").integer(lease + clock_skew_ms());
  write_limits(writer, input.config);
  writer.key("paced").integer(input.config.paces(kPolledTransport) ? 1 : 0);
  writer.end_object();
  return out;
}

Step statements(const Input& input) {
  Step step;
  step.shard = shard_told(input);
  const uint32_t scalars = step.text(write_scalars(input));
  step.add(Sql::poll_park, {scalars, scalars});
  step.add(Sql::poll_count, {scalars});
  step.add(Sql::poll_places, {scalars, scalars});
  step.add(Sql::poll_take, {scalars, scalars});
  step.add(Sql::poll_payloads, {scalars}, true);
  step.add(Sql::poll_state, {scalars});
  return step;
}

Step outcome(const Input& input) {
  Step step;
  const json::Value stage = input.rows[0];
  for (const json::Value row : stage.at(stage.size() - 1)) add_run(step, row);
  const auto runs = static_cast<int64_t>(step.runs.size());
  const int64_t taken = count_of(input.control.find("taken")) + runs;
  const bool in_time = input.now - time_of(input.control.find("since")) < limits::kPollForMs;
  step.more = runs > 0 && runs == rows_of(input) && taken < input.config.settings.poll_batch && in_time;
  return step;
}

}  // namespace

Step poll_lines(const Input& input) {
  // Not only where judges are: what was admitted under other settings is still to be done.
  Step step = split_over_all(input);
  if (!step.split.empty()) return step;
  step.shard = shard_told(input);
  if (input.failed && try_again(input, step)) return step;
  if (!input.failed && input.rows.empty()) {
    std::string text;
    json::Writer(text).begin_object().key("lines").integer(limits::kPollLines).end_object();
    step.add(Sql::poll_lines, {step.text(std::move(text))});
    return step;
  }
  step.reply.status = input.failed ? 503 : 200;
  const json::Value lines = input.failed ? json::Value() : input.row(0, 0);
  json::Writer writer(step.reply.body);
  writer.begin_object().key("lines").raw(lines ? lines.raw() : "[]").end_object();
  return step;
}

Step poll(const Input& input) {
  Step step;
  if (input.failed) {
    (void)try_again(input, step);
    return step;
  }
  if (rows_of(input) == 0) return step;
  return input.rows.empty() ? statements(input) : outcome(input);
}

}  // namespace sluice
