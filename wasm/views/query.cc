#include "views/query.h"

#include <algorithm>

#include "core/id.h"
#include "core/limits.h"
#include "core/present.h"
#include "core/record.h"
#include "core/reply.h"
#include "views/attempts.h"
#include "views/explain.h"
#include "views/letters.h"
#include "views/parameters.h"
#include "views/queues.h"
#include "views/schedules.h"
#include "views/stats.h"

namespace sluice {
namespace {

struct Filter {
  std::string before;
  std::string_view status, type, queue, tag;
  int64_t limit = limits::kListLimitDefault;
  int64_t offset = 0;
};

Filter read_filter(json::Value control, std::vector<Fault>& faults) {
  Filter out;
  out.before = "g";  // after every id
  out.status = control.find("status").text();
  out.type = control.find("type").text();
  out.queue = control.find("queue").text();
  out.tag = control.find("tag").text();
  read_number(control, "limit", 1, limits::kListLimitMax, out.limit, faults);
  read_number(control, "offset", 0, limits::kListOffsetMax, out.offset, faults);
  Status status = Status::pending;
  if (!out.status.empty() && !parse_status(out.status, status)) {
    faults.push_back({"/status", "enum", "Must be a job's status."});
  }
  const std::string_view cursor = control.find("cursor").text();
  if (!cursor.empty() && !is_id(cursor)) faults.push_back({"/cursor", "format", "Must be a nextCursor."});
  if (!cursor.empty()) out.before = cursor;
  return out;
}

bool unhappy(const Filter& filter) {
  return filter.status == name(Status::failed) || filter.status == name(Status::cancelled);
}

// Rows that a page may read: more than it shows only where a filter leaves some of them out. An index knows
// who has failed or was cancelled.
int64_t scan_rows(const Filter& filter) {
  const bool by_status = !filter.status.empty() && !unhappy(filter);
  const bool filtered = by_status || !(filter.type.empty() && filter.queue.empty() && filter.tag.empty());
  return filtered ? std::max(limits::kListScanRows, filter.offset + filter.limit)
                  : filter.offset + filter.limit;
}

Step list_statements(const Filter& filter) {
  Step step;
  std::string text;
  json::Writer writer(text);
  writer.begin_object().key("before").string(filter.before).key("scan").integer(scan_rows(filter));
  writer.key("status").string_or_null(filter.status).key("type").string_or_null(filter.type);
  writer.key("queue").string_or_null(filter.queue).key("tag").string_or_null(filter.tag);
  writer.key("limit").integer(filter.limit).key("offset").integer(filter.offset).end_object();
  const uint32_t bound = step.text(std::move(text));
  const bool tagged = !filter.tag.empty();
  step.add(unhappy(filter) ? Sql::query_unhappy : tagged ? Sql::query_tagged : Sql::query_list, {bound});
  step.add(unhappy(filter) ? Sql::query_unhappy_scanned
           : tagged        ? Sql::query_tagged_scanned
                           : Sql::query_scanned,
           {bound});
  return step;
}

// Where the next page starts: after the last job shown, or, when a bounded look found fewer than asked for,
// after the last row looked at. Empty: there is nothing more.
std::string_view next_cursor(const Input& input, const Filter& filter) {
  const json::Value jobs = input.rows[0].at(0);
  if (static_cast<int64_t>(jobs.size()) >= filter.limit)
    return jobs.at(jobs.size() - 1).at(column::id).text();
  const json::Value scanned = input.row(0, 1);
  const bool cut = scanned.at(0).integer() >= scan_rows(filter);
  return cut ? scanned.at(1).text() : std::string_view();
}

Step list(const Input& input) {
  Step step;
  std::vector<Fault> faults;
  const Filter filter = read_filter(input.control, faults);
  if (!faults.empty()) {
    step.reply = problem(422, "The filter is not valid.", faults);
    return step;
  }
  if (input.rows.empty()) return list_statements(filter);
  step.reply.status = 200;
  json::Writer writer(step.reply.body);
  writer.begin_object().key("jobs").begin_array();
  for (const json::Value row : input.rows[0].at(0)) write_job(writer, row);
  writer.end_array();
  const std::string_view cursor = next_cursor(input, filter);
  if (!cursor.empty()) writer.key("nextCursor").string(cursor);
  writer.end_object();
  return step;
}

Step one(const Input& input, bool attempts) {
  Step step;
  if (input.rows.empty()) {
    step.add(Sql::query_job, {bind_id(input.control.find("id").text(), step)});
    return step;
  }
  const json::Value row = input.row(0, 0);
  if (!row) {
    step.reply = problem(404, "There is no such job.");
    return step;
  }
  step.reply.status = 200;
  json::Writer writer(step.reply.body);
  if (attempts) {
    write_attempts(writer, row);
  } else {
    write_job(writer, row);
  }
  return step;
}

Step stats(const Input& input) {
  Step step;
  if (input.rows.empty()) {
    step.add(Sql::query_counters, {});
    return step;
  }
  step.reply = Reply{200, 0, write_stats(input.rows[0].at(0))};
  return step;
}

uint32_t bind_number(const char* key, int64_t value, Step& step) {
  std::string text;
  json::Writer(text).begin_object().key(key).integer(value).end_object();
  return step.text(std::move(text));
}

Step queues(const Input& input) {
  Step step;
  if (input.rows.empty()) {
    step.add(Sql::query_counters, {});
    step.add(Sql::query_waiting, {bind_number("rows", limits::kWaitingRows, step)});
    step.add(Sql::query_letters, {});
    step.add(Sql::query_breakers, {bind_number("limit", limits::kListLimitMax, step)});
    return step;
  }
  step.reply = Reply{200, 0, write_queue_health(input)};
  return step;
}

Step health(const Input& input) {
  Step step;
  if (!input.failed && input.rows.empty()) {
    step.add(Sql::query_ping, {});
    return step;
  }
  step.reply = write_health(input.failed, input.control.find("scraper").text(),
                            time_of(input.row(0, 0).at(0)), input.now);
  return step;
}

}  // namespace

Step query(const Input& input) {
  const std::string_view kind = input.control.find("kind").text();
  if (kind == "health") return health(input);
  if (input.failed) return failed_batch(input, 3);
  Step step;
  if (kind == "letters") return list_letters(input);
  if (kind == "letter") return one_letter(input);
  if (kind == "deadJobs") return dead_jobs(input);
  if (kind == "failures") return list_failures(input);
  if (kind == "explain") return explain(input);
  if (kind == "schedules") return list_schedules(input);
  if (kind == "schedule") return one_schedule(input);
  if (kind == "logicalQueues") return list_queues(input);
  if (kind == "job") return one(input, false);
  if (kind == "attempts") return one(input, true);
  if (kind == "list") return list(input);
  if (kind == "stats") return stats(input);
  if (kind == "queues") return queues(input);
  step.reply = problem(404, "There is no such query.");
  return step;
}

}  // namespace sluice
