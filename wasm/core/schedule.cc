// Schedules as operators set and see them.
#include "core/schedule.h"

#include "core/admission.h"
#include "core/clock.h"
#include "core/id.h"
#include "core/limits.h"
#include "core/present.h"
#include "core/record.h"
#include "core/reply.h"
#include "core/schedule_row.h"

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

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= limits::kScheduleNameMax &&
         name.find('\0') == std::string_view::npos;
}

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
  if (out.job.payload.size() <= limits::kSchedulePayloadBytesMax) return;
  faults.assign(1, {"/payload", "payload_too_large", "A schedule's payload may hold 64 KiB."});
}

void read_wish(const Input& input, std::string_view name, Wish& out) {
  if (!parse_body(input, limits::kBodyBytesMax, out.admission)) return;
  std::vector<Fault> faults;
  if (!is_name(name))
    faults.push_back({"/name", "max_length", "A name may hold 1 to 50 bytes, none of them 0."});
  const json::Value root = out.admission.document.root();
  if (input.config.schedule.validate(root, "", faults)) read_calendar(input, out, faults);
  if (root.is(json::Kind::object) && is_name(name)) read_job(input, name, out, faults);
  if (faults.empty()) return;
  const bool large = faults.front().code == "payload_too_large";
  out.admission.refusal = problem(large ? 413 : 422, "The schedule is not valid.", faults);
}

uint32_t bind_list(std::string_view name, int64_t rows, int64_t bytes, Step& step) {
  std::string text;
  json::Writer writer(text);
  writer.begin_object().key("name").string(name).key("rows").integer(rows);
  writer.key("bytes").integer(bytes).end_object();
  return step.text(std::move(text));
}

void add_one(std::string_view name, Step& step) {
  step.add(Sql::schedule_list, {bind_list(name, 1, limits::kSchedulePayloadBytesMax, step)});
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
  add_one(name, step);
  return step;
}

void write_schedule(json::Writer& writer, json::Value row) {
  static constexpr std::string_view kTexts[] = {"name", "cron", "timezone", "type"};
  static constexpr std::string_view kTimes[] = {"nextRunAt", "lastRunAt", "createdAt", "updatedAt"};
  writer.begin_object();
  for (uint32_t n = 0; n < std::size(kTexts); ++n) writer.key(kTexts[n]).string(row.at(n).text());
  writer.key("payload");
  write_body(writer, row.at(schedule::payload));
  writer.key("payloadSize").integer(count_of(row.at(schedule::payload_size)));
  writer.key("priority").integer(row.at(schedule::priority).integer());
  for (uint32_t n = 0; n < std::size(kTimes); ++n) {
    const json::Value time = row.at(schedule::next_at + n);
    writer.key(kTimes[n]);
    write_time(writer, time.integer() < kTimeMsMax ? time : json::Value());
  }
  writer.end_object();
}

// The schedule in the one row that add_one() asked for, or 404.
Reply present(std::string_view name, json::Value row) {
  Reply out;
  if (!row || row.at(schedule::name).text() != name) return problem(404, "There is no such schedule.");
  out.status = 200;
  json::Writer writer(out.body);
  write_schedule(writer, row);
  return out;
}

}  // namespace

std::string tick_request(std::string_view name, std::string_view type, std::string_view payload,
                         std::string_view priority) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object();
  if (!type.empty()) writer.key("type").raw(type);
  if (!payload.empty()) writer.key("payload").raw(payload);
  if (!priority.empty()) writer.key("priority").raw(priority);
  writer.key("tags").begin_array().string(std::string("schedule:").append(name)).end_array().end_object();
  return out;
}

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
  step.reply = present(name, row);
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
  if (input.rows.empty() && is_name(name)) {
    add_one(name, step);
    return step;
  }
  step.reply = present(name, input.row(0, 0));
  if (step.reply.status != 200 || input.rows.size() > 1) return step;
  step.reply = Reply();
  std::string text;
  json::Writer(text).begin_object().key("name").string(name).end_object();
  step.add(Sql::schedule_delete, {step.text(std::move(text))});
  return step;
}

Step one_schedule(const Input& input) {
  Step step;
  const std::string_view name = input.control.find("id").text();
  if (input.rows.empty() && is_name(name)) {
    add_one(name, step);
  } else {
    step.reply = present(name, input.row(0, 0));
  }
  return step;
}

Step list_schedules(const Input& input) {
  Step step;
  if (input.rows.empty()) {
    const auto bytes = static_cast<int64_t>(limits::kInlineBytesMax);
    step.add(Sql::schedule_list, {bind_list("", limits::kSchedulesMax, bytes, step)});
    return step;
  }
  step.reply.status = 200;
  json::Writer writer(step.reply.body);
  writer.begin_object().key("schedules").begin_array();
  for (const json::Value row : input.rows[0].at(0)) write_schedule(writer, row);
  writer.end_array().end_object();
  return step;
}

}  // namespace sluice
