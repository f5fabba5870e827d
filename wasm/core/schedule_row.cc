#include "core/schedule_row.h"

#include "core/clock.h"
#include "core/limits.h"
#include "core/present.h"
#include "core/record.h"
#include "core/reply.h"

namespace sluice {

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

bool is_schedule_name(std::string_view name) {
  return !name.empty() && name.size() <= limits::kScheduleNameMax &&
         name.find('\0') == std::string_view::npos;
}

uint32_t bind_schedules(std::string_view name, int64_t rows, int64_t bytes, Step& step) {
  std::string text;
  json::Writer writer(text);
  writer.begin_object().key("name").string(name).key("rows").integer(rows);
  writer.key("bytes").integer(bytes).end_object();
  return step.text(std::move(text));
}

void ask_schedule(std::string_view name, Step& step) {
  step.add(Sql::schedule_list, {bind_schedules(name, 1, limits::kSchedulePayloadBytesMax, step)});
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

Reply present_schedule(std::string_view name, json::Value row) {
  Reply out;
  if (!row || row.at(schedule::name).text() != name) return problem(404, "There is no such schedule.");
  out.status = 200;
  json::Writer writer(out.body);
  write_schedule(writer, row);
  return out;
}

}  // namespace sluice
