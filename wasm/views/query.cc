#include "views/query.h"

#include "core/limits.h"
#include "core/present.h"
#include "core/record.h"
#include "core/reply.h"
#include "core/shards.h"
#include "views/attempts.h"
#include "views/explain.h"
#include "views/letters.h"
#include "views/pages.h"
#include "views/parameters.h"
#include "views/queues.h"
#include "views/schedules.h"
#include "views/stats.h"

namespace sluice {
namespace {

Step one(const Input& input, bool attempts) {
  Step step;
  const std::string_view id = input.control.find("id").text();
  const Look found = look_for(input, id, column::id);
  if (!found.shards.empty()) {
    look_at(found, step);
    step.add(Sql::query_job, {bind_id(id, step)});
    return step;
  }
  if (!found.row) {
    step.reply = problem(404, "There is no such job.");
    return step;
  }
  step.reply.status = 200;
  json::Writer writer(step.reply.body);
  if (attempts) {
    write_attempts(writer, found.row);
  } else {
    write_job(writer, found.row);
  }
  return step;
}

Step stats(const Input& input) {
  Step step;
  if (input.rows.empty()) {
    on_all(input.config, step);
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
    on_all(input.config, step);
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
    on_all(input.config, step);
    step.add(Sql::query_ping, {});
    return step;
  }
  const int64_t swept_at = input.failed ? 0 : last_sweep(input.rows[0].at(0));
  step.reply = write_health(input.failed, input.control.find("scraper").text(), swept_at, input.now);
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
  if (kind == "list") return list_jobs(input);
  if (kind == "stats") return stats(input);
  if (kind == "queues") return queues(input);
  step.reply = problem(404, "There is no such query.");
  return step;
}

}  // namespace sluice
