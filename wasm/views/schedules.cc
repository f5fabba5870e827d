#include "views/schedules.h"

#include "core/limits.h"
#include "core/reply.h"
#include "core/schedule_row.h"

namespace sluice {

Step one_schedule(const Input& input) {
  Step step;
  const std::string_view name = input.control.find("id").text();
  if (input.rows.empty() && is_schedule_name(name)) {
    ask_schedule(name, step);
  } else {
    step.reply = present_schedule(name, input.row(0, 0));
  }
  return step;
}

Step list_schedules(const Input& input) {
  Step step;
  if (input.rows.empty()) {
    const auto bytes = static_cast<int64_t>(limits::kInlineBytesMax);
    step.add(Sql::schedule_list, {bind_schedules("", limits::kSchedulesMax, bytes, step)});
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
