#include "views/compat.h"

#include "core/compat_words.h"
#include "core/limits.h"
#include "core/record.h"
#include "core/reply.h"
#include "core/shards.h"
#include "views/counts.h"
#include "views/letters.h"
#include "views/parameters.h"
#include "views/stats.h"

namespace sluice {
namespace {

// The column of compat_letters.sql that tells when a job failed.
constexpr uint32_t kFailedAt = 7;

// Unhealthy without a database; otherwise like GET /health, which the sweep's age does not make unhealthy.
void write_stats_data(json::Writer& writer, const Input& input, bool connected) {
  const Counts all = connected ? sum_of(input.rows[0].at(0)) : Counts();
  const int64_t swept_at = connected ? last_sweep(input.rows[0].at(1)) : 0;
  writer.key("data").begin_object().key("queue").begin_object();
  writer.key("queued").integer(all.waiting()).key("running").integer(all.at(Status::processing));
  writer.key("completed").integer(all.at(Status::completed));
  writer.key("failed").integer(all.at(Status::failed)).end_object();
  writer.key("health").begin_object().key("isRunning").boolean(sweep_is_running(swept_at, input.now));
  writer.key("activeWorkers").integer(all.at(Status::processing)).key("databaseConnected").boolean(connected);
  writer.end_object().key("status").string(connected ? "healthy" : "unhealthy").end_object();
}

}  // namespace

Step compat_stats(const Input& input) {
  Step step;
  if (input.failed && try_again(input, step, 3)) return step;
  if (!input.failed && input.rows.empty()) {
    on_all(input.config, step);
    step.add(Sql::query_counters, {});
    step.add(Sql::query_ping, {});
    return step;
  }
  step.reply = input.failed ? unavailable() : Reply{200, 0, ""};
  json::Document document;
  if (input.failed) (void)!document.parse(step.reply.body);
  std::string body;
  json::Writer writer(body);
  writer.begin_object().key("success").boolean(!input.failed);
  if (input.failed) write_problem(writer, document.root());
  write_stats_data(writer, input, !input.failed);
  writer.end_object();
  step.reply.body = std::move(body);
  return step;
}

Step compat_letters(const Input& input) {
  Step step;
  if (input.failed) {
    if (!try_again(input, step, 3)) step.reply = in_its_words(unavailable());
    return step;
  }
  std::vector<Fault> faults;
  int64_t limit = limits::kListLimitDefault;
  read_number(input.control, "limit", 1, limits::kListLimitMax, limit, faults);
  if (!faults.empty()) return refusal_of(problem(422, "The filter is not valid.", faults));
  if (input.rows.empty()) {
    on_all(input.config, step);
    std::string text;
    json::Writer(text).begin_object().key("limit").integer(limit).end_object();
    step.add(Sql::compat_letters, {step.text(std::move(text))});
    return step;
  }
  const std::vector<json::Value> rows = newest_letters(input, kFailedAt, 0, limit);
  step.reply.status = 200;
  json::Writer writer(step.reply.body);
  writer.begin_object().key("success").boolean(true).key("data").begin_array();
  for (const json::Value row : rows) {
    writer.begin_object().key("id").raw(row.at(0).raw()).key("type").raw(row.at(1).raw()).key("target_url");
    write_text_or_null(writer, row.at(2).is(json::Kind::string) ? row.at(2) : row.at(3));
    writer.key("attempts").raw(row.at(4).raw()).key("max_attempts").raw(row.at(5).raw());
    writer.key("last_error").string(row.at(6).find("message").text()).end_object();
  }
  writer.end_array().key("count").integer(static_cast<int64_t>(rows.size())).end_object();
  return step;
}

}  // namespace sluice
