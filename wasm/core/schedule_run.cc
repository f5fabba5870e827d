// What a tick of a schedule does.
#include <memory>

#include "core/admission.h"
#include "core/clock.h"
#include "core/id.h"
#include "core/limits.h"
#include "core/record.h"
#include "core/reply.h"
#include "core/schedule.h"
#include "core/schedule_row.h"
#include "core/shards.h"

namespace sluice {
namespace {

// One schedule's latest tick, and its job's place in the admission.
struct Tick {
  json::Value due;
  int64_t at = 0;
  int64_t next = 0;
};

struct Round {
  json::Document due;
  Admission admission;
  std::vector<std::string> requests;
  std::vector<std::unique_ptr<json::Document>> documents;
  std::vector<Tick> ticks;  // one per job
  std::vector<std::string> logs;
};

std::string log_line(std::string_view level, std::string_view event, std::string_view name, int64_t at,
                     std::string_view key, std::string_view value) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("level").string(level).key("event").string(event).key("schedule").string(name);
  writer.key("tick").string(rfc3339(at)).key(key).string(value).end_object();
  return out;
}

void read_tick(const Input& input, json::Value due, json::Value ticks, unsigned place, Entropy& entropy,
               Round& out) {
  const std::string_view name = due.at(schedule::name).text();
  Tick tick{due, time_of(ticks.at(0)), time_of(ticks.at(1))};
  if (tick.next == 0) tick.next = kTimeMsMax;
  const int64_t due_at = time_of(due.at(schedule::next_at));
  if (due_at == 0 || tick.at < due_at || tick.next <= tick.at) {
    out.logs.push_back(log_line("error", "schedule.refused", name, due_at, "code", "calendar"));
    return;
  }
  std::string type;
  json::append_quoted(type, due.at(schedule::type).text());
  out.requests.push_back(
      tick_request(name, type, due.at(schedule::payload).text(), due.at(schedule::priority).raw()));
  out.documents.push_back(std::make_unique<json::Document>());
  const bool broken = static_cast<bool>(out.documents.back()->parse(out.requests.back()));
  NewJob job;
  std::vector<Fault> faults;
  const json::Value request = broken ? json::Value() : out.documents.back()->root();
  const bool valid = read_request(input.config, request, "", input.now, place, entropy, job, faults);
  if (!valid || lives_elsewhere(input.config, job)) {
    const std::string_view code = valid            ? std::string_view("several_shards")
                                  : faults.empty() ? std::string_view("type")
                                                   : faults.front().code;
    out.logs.push_back(log_line("error", "schedule.refused", name, tick.at, "code", code));
    return;
  }
  job.unique_key.assign(kTickPrefix).append(name).append(":").append(std::to_string(tick.at));
  out.admission.jobs.push_back(std::move(job));
  out.ticks.push_back(tick);
}

void read_round(const Input& input, Round& out) {
  Entropy entropy = input.entropy;
  out.admission.op = make_nonce(entropy);
  const bool broken = input.frames.empty() || static_cast<bool>(out.due.parse(input.frames[0]));
  const json::Value schedules = broken ? json::Value() : out.due.root().find("schedules");
  const json::Value ticks = input.control.find("ticks");
  out.requests.reserve(schedules.size());
  unsigned place = 0;
  for (const json::Value due : schedules) {
    const json::Value tick = ticks.at(place);
    if (tick.is(json::Kind::array)) read_tick(input, due, tick, place, entropy, out);
    ++place;
  }
}

std::string write_ticks(const Round& round) {
  std::string out;
  json::Writer writer(out);
  writer.begin_array();
  for (size_t n = 0; n < round.ticks.size(); ++n) {
    const Tick& tick = round.ticks[n];
    const NewJob& job = round.admission.jobs[n];
    writer.begin_array().string(tick.due.at(schedule::name).text()).string(tick.due.at(schedule::op).text());
    writer.integer(tick.at).integer(tick.next).string(job.id).string(job.unique_key).end_array();
  }
  writer.end_array();
  return out;
}

Step statements(const Input& input, const Round& round) {
  Step step;
  const uint32_t ticks = step.text(write_ticks(round));
  step.add(Sql::schedule_keys, {ticks});
  std::string scalars;
  json::Writer(scalars).begin_object().key("op").string(round.admission.op).end_object();
  add_keyed_admission(input, round.admission.op, round.admission.jobs, true, step);
  step.add(Sql::schedule_advance, {ticks, step.text(std::move(scalars))});
  step.add(Sql::schedule_unkey, {ticks});
  return step;
}

// The admission's last statement is the one before those that end the round.
json::Value state_of(const Input& input) {
  constexpr uint32_t kBehind = 3;
  const json::Value stage = input.rows[0];
  return stage.size() < kBehind ? json::Value() : stage.at(stage.size() - kBehind).at(0);
}

void log_ticks(const Round& round, json::Value state, Step& step) {
  for (size_t n = 0; n < round.ticks.size(); ++n) {
    const NewJob& job = round.admission.jobs[n];
    const Tick& tick = round.ticks[n];
    const std::string_view name = tick.due.at(schedule::name).text();
    const Admitted result = admitted(state, n, job);
    if (result.verdict == Admitted::Verdict::created) {
      step.logs.push_back(log_line("info", "schedule.ran", name, tick.at, "jobId", job.id));
    } else if (result.verdict == Admitted::Verdict::full) {
      step.logs.push_back(log_line("warn", "schedule.waits", name, tick.at, "queue", job.queue));
    }
  }
}

uint32_t bind_place(const Input& input, Step& step) {
  const json::Value at = input.control.find("at");
  std::string text;
  json::Writer writer(text);
  writer.begin_object().key("now").integer(input.now).key("at").integer(at ? time_of(at) : -1);
  writer.key("name").string(input.control.find("name").text());
  writer.key("rows").integer(limits::kScheduleRows).end_object();
  return step.text(std::move(text));
}

}  // namespace

Step due_schedules(const Input& input) {
  if (input.failed) return failed_batch(input);
  Step step;
  if (input.rows.empty()) {
    step.add(Sql::schedule_due, {bind_place(input, step)});
    return step;
  }
  const json::Value rows = input.rows[0].at(0);
  step.more = static_cast<int64_t>(rows.size()) >= limits::kScheduleRows;
  step.reply.status = 200;
  json::Writer writer(step.reply.body);
  writer.begin_object().key("schedules").begin_array();
  for (const json::Value row : rows) writer.raw(row.raw());
  writer.end_array().end_object();
  return step;
}

Step run_schedules(const Input& input) {
  Round round;
  read_round(input, round);
  if (!round.ticks.empty() && input.failed) return admission_failed(input, round.ticks.size());
  if (!round.ticks.empty() && input.rows.empty()) return statements(input, round);
  Step step;
  step.reply.status = 200;
  step.logs = std::move(round.logs);
  if (round.ticks.empty()) return step;
  const json::Value state = state_of(input);
  send_created(input, round.admission.jobs, state, step);
  log_ticks(round, state, step);
  return step;
}

}  // namespace sluice
