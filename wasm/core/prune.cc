#include "core/prune.h"

#include <algorithm>

#include "core/guard.h"
#include "core/id.h"
#include "core/limits.h"
#include "core/writer.h"

namespace sluice {

void add_removal(uint32_t bound, Step& step) {
  step.add(Sql::prune_count, {});
  step.add(Sql::prune_bodies, {});
  step.add(Sql::prune_keys, {});
  step.add(Sql::prune_dead, {});
  step.add(Sql::depend_prune, {});
  step.add(Sql::depend_release, {bound});
  step.add(Sql::prune_jobs, {});
}

void add_pruning(const Input& input, Step& step) {
  const Settings& settings = input.config.settings;
  const int64_t shortest = std::min(settings.keep_completed_ms, settings.keep_failed_ms);
  std::string text;
  json::Writer writer(text);
  writer.begin_object().key("now").integer(input.now).key("rows").integer(limits::kPruneRows);
  writer.key("bound").string(id_floor(input.now - shortest));
  writer.key("completed").integer(settings.keep_completed_ms);
  writer.key("failed").integer(settings.keep_failed_ms);
  writer.key("again").integer(input.now + limits::kPruneAgainMs);
  writer.key("skew").integer(clock_skew_ms()).end_object();
  const uint32_t bound = step.text(std::move(text));
  step.add(Sql::prune_advance, {bound});
  step.add(Sql::prune_choose, {bound});
  add_removal(bound, step);
  step.add(Sql::prune_later, {bound});
  step.add(Sql::prune_messages, {bound});
  step.add(Sql::prune_locks, {bound});
  step.add(Sql::prune_lag, {bound});
}

bool prunes_on(json::Value row) { return row.at(0).integer() == 1; }

}  // namespace sluice
