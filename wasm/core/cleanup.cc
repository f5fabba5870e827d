#include "core/cleanup.h"

#include <algorithm>

#include "core/clock.h"
#include "core/id.h"
#include "core/limits.h"
#include "core/prune.h"
#include "core/record.h"
#include "core/reply.h"
#include "core/shards.h"
#include "core/writer.h"

namespace sluice {
namespace {

std::string write_scalars(const Input& input) {
  const Settings& settings = input.config.settings;
  const int64_t asked = std::clamp<int64_t>(input.control.find("olderThanMs").integer(), 0, kTimeMsMax);
  const int64_t completed = asked > 0 ? asked : settings.keep_completed_ms;
  const int64_t failed = asked > 0 ? asked : settings.keep_failed_ms;
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("now").integer(input.now).key("rows").integer(limits::kPruneRows);
  writer.key("after").string(input.control.find("after").text());
  writer.key("bound").string(id_floor(std::max<int64_t>(input.now - std::min(completed, failed), 0)));
  writer.key("completed").integer(completed).key("failed").integer(failed).end_object();
  return out;
}

Step statements(const Input& input) {
  Step step;
  step.shard = shard_told(input);
  const uint32_t scalars = step.text(write_scalars(input));
  step.add(Sql::prune_range, {scalars});
  step.add(Sql::prune_old, {scalars});
  step.add(Sql::prune_removed, {});
  add_removal(scalars, step);
  return step;
}

Step outcome(const Input& input) {
  Step step;
  step.reply.status = 200;
  const json::Value range = input.row(0, 0);
  const bool goes_on = count_of(range.at(1)) >= limits::kPruneRows;
  const bool stays = goes_on || shard_told(input) + 1 == input.config.shards;
  json::Writer writer(step.reply.body);
  writer.begin_object().key("removed").integer(count_of(input.row(0, 2).at(0)));
  writer.key("after").string(stays ? range.at(0).text() : std::string_view());
  writer.key("more").boolean(goes_on || !stays);
  if (input.config.shards > 1) writer.key("shard").integer(shard_told(input) + (stays ? 0 : 1));
  writer.end_object();
  return step;
}

}  // namespace

Step cleanup(const Input& input) {
  if (input.failed) return failed_batch(input);
  return input.rows.empty() ? statements(input) : outcome(input);
}

}  // namespace sluice
