// Schedules as operators set and see them.
#include "core/schedule.h"

#include "core/admission.h"
#include "core/id.h"
#include "core/limits.h"
#include "core/record.h"
#include "core/reply.h"
#include "core/schedule_row.h"
#include "core/shards.h"

namespace sluice {
namespace {

constexpr std::string_view kZoneDefault = "UTC";

// What a request asks for.
struct Wish {
  Admission admission;  // its document and refusal
  std::string request;
  json::Document job_document;
  NewJob job;
  std::string_view cron;
  std::string_view timezone;
  int64_t next = 0;
};

bool has_five_fields(std::string_view cron) {
  int fields = 0;
  bool inside = false;
  for (const char c : cron) {
    const bool blank = c == ' ';
    if (!blank && !inside) ++fields;
    inside = !blank;
  }
  return fields == 5;
}

// What the calendar says of the pattern; it must be this one.
void read_calendar(const Input& input, Wish& out, std::vector<Fault>& faults) {
  const json::Value root = out.admission.document.root();
  out.cron = root.find("cron").text();
  out.timezone = root.find("timezone") ? root.find("timezone").text() : kZoneDefault;
  if (!has_five_fields(out.cron)) {
    faults.push_back({"/cron", "fields", "Must be minute, hour, day of month, month and day of week."});
    return;
  }
  const json::Value told = input.control.find("calendar");
  const bool same = told.find("cron").text() == out.cron && told.find("timezone").text() == out.timezone;
  if (same && !told.find("zone").truth()) {
    faults.push_back({"/timezone", "unknown_zone", "No time zone has this name."});
    return;
  }
  out.next = same ? time_of(told.find("next")) : 0;
  if (out.next > 0) return;
  const std::string_view error = told.find("error").text();
  const bool never = same && error.empty();
  faults.push_back({"/cron", never ? "never" : "format",
                    never ? "No day is ever like this." : std::string(same ? error : "Cannot be read.")});
}

void read_job(const Input& input, std::string_view name, Wish& out, std::vector<Fault>& faults) {
  const json::Value root = out.admission.document.root();
  out.request =
      tick_request(name, root.find("type").raw(), root.find("payload").raw(), root.find("priority").raw());
  const bool broken = static_cast<bool>(out.job_document.parse(out.request));
  Entropy entropy = input.entropy;
  (void)read_request(input.config, broken ? json::Value() : out.job_document.root(), "", input.now, 0,
                     entropy, out.job, faults);
  if (out.job.type != nullptr && lives_elsewhere(input.config, out.job)) {
    faults.push_back({"/type", "several_shards",
                      "Schedules live on shard 0, and the judge of such a job's limits on another."});
  }
  if (out.job.payload.size() <= limits::kSchedulePayloadBytesMax) return;
  faults.assign(1, {"/payload", "payload_too_large", "A schedule's payload may hold 64 KiB."});
}

void read_wish(const Input& input, std::string_view name, Wish& out) {
  if (!parse_body(input, limits::kBodyBytesMax, out.admission)) return;
  std::vector<Fault> faults;
  if (!is_schedule_name(name))
    faults.push_back({"/name", "max_length", "A name may hold 1 to 50 bytes, none of them 0."});
  const json::Value root = out.admission.document.root();
  if (input.config.schedule.validate(root, "", faults)) read_calendar(input, out, faults);
  if (root.is(json::Kind::object) && is_schedule_name(name)) read_job(input, name, out, faults);
  if (faults.empty()) return;
  const bool large = faults.front().code == "payload_too_large";
  out.admission.refusal = problem(large ? 413 : 422, "The schedule is not valid.", faults);
}

Step put_statements(const Input& input, const std::string& op, std::string_view name, const Wish& wish) {
  Step step;
  std::string text;
  json::Writer writer(text);
  writer.begin_object();
  const std::pair<std::string_view, std::string_view> texts[] = {{"name", name},
                                                                 {"cron", wish.cron},
                                                                 {"timezone", wish.timezone},
                                                                 {"type", wish.job.type->name},
                                                                 {"payload", wish.job.payload},
                                                                 {"op", op}};
  for (const auto& [key, value] : texts) writer.key(key).string(value);
  writer.key("size").integer(static_cast<int64_t>(wish.job.payload.size()));
  writer.key("priority").integer(wish.job.priority).key("next").integer(wish.next);
  writer.key("now").integer(input.now).key("max").integer(limits::kSchedulesMax).end_object();
  step.add(Sql::schedule_put, {step.text(std::move(text))});
  ask_schedule(name, step);
  return step;
}

}  // namespace

Step put_schedule(const Input& input) {
  const std::string_view name = input.control.find("name").text();
  Wish wish;
  read_wish(input, name, wish);
  Step step;
  step.reply = wish.admission.refusal;
  if (step.reply.status != 0) return step;
  if (input.failed) return failed_batch(input);
  Entropy entropy = input.entropy;
  const std::string op = make_nonce(entropy);
  if (input.rows.empty()) return put_statements(input, op, name, wish);
  const json::Value row = input.row(0, 1);
  step.reply = present_schedule(name, row);
  if (step.reply.status != 200) {
    step.reply = problem(422, "There are 500 schedules; delete one.", {{"", "too_many", "One too many."}});
  } else if (row.at(schedule::created_at).integer() == input.now) {
    step.reply.status = 201;
  }
  return step;
}

Step delete_schedule(const Input& input) {
  if (input.failed) return failed_batch(input);
  Step step;
  const std::string_view name = input.control.find("name").text();
  if (input.rows.empty() && is_schedule_name(name)) {
    ask_schedule(name, step);
    return step;
  }
  step.reply = present_schedule(name, input.row(0, 0));
  if (step.reply.status != 200 || input.rows.size() > 1) return step;
  step.reply = Reply();
  std::string text;
  json::Writer(text).begin_object().key("name").string(name).end_object();
  step.add(Sql::schedule_delete, {step.text(std::move(text))});
  return step;
}

}  // namespace sluice
