#include "core/shards.h"

#include <algorithm>

#include "core/guard.h"
#include "core/id.h"

namespace sluice {
namespace {

// Whether others may share what the job is judged by.
bool needs_judge(const Config& config, const NewJob& job) {
  if (!holds(Guard::one_judge)) return false;
  return job.type->main_database || !job.unique_key.empty() || !job.gates.empty() || !job.line.empty() ||
         config.is_capped(job.queue);
}

unsigned judge_of(const Config& config, const NewJob& job) {
  return job.type->main_database ? 0 : config.judge_of(job.queue);
}

// The shards of the jobs that it depends on, each once; those that there cannot be are told of by the record.
std::vector<unsigned> shards_of_parents(const Config& config, const NewJob& job) {
  std::vector<unsigned> out;
  json::Document list;
  if (job.depends_on.empty() || list.parse(job.depends_on)) return out;
  for (const json::Value id : list.root()) {
    const int shard = shard_of_job(config, id.text());
    if (shard < 0 || std::find(out.begin(), out.end(), shard) != out.end()) continue;
    out.push_back(static_cast<unsigned>(shard));
  }
  return out;
}

void refuse(std::string_view base, std::string_view why, std::vector<Fault>& faults) {
  faults.push_back({pointer(base, "dependsOn"), "several_shards", std::string(why)});
}

// With one database there is no other to ask: what its row tells is for the flow.
bool is_found(const Config& config, json::Value row, uint32_t column) {
  return config.shards == 1 || !row.at(column).text().empty();
}

// Where it may be besides the shard that its own id names.
std::vector<unsigned> other_shards(const Config& config, int own) {
  std::vector<unsigned> out;
  for (const unsigned shard : config.judges()) {
    if (static_cast<int>(shard) != own) out.push_back(shard);
  }
  return out;
}

}  // namespace

int shard_of_job(const Config& config, std::string_view id) {
  if (config.shards == 1) return 0;
  if (!is_id(id)) return -1;
  const unsigned shard = shard_of(id);
  return shard < config.shards ? static_cast<int>(shard) : -1;
}

unsigned home_of_job(const Config& config, std::string_view id) {
  return static_cast<unsigned>(std::max(shard_of_job(config, id), 0));
}

unsigned home_of(const Config& config, const NewJob& job, unsigned lot, std::string_view base,
                 std::vector<Fault>& faults) {
  if (config.shards == 1) return 0;
  const bool judged = needs_judge(config, job);
  const unsigned judge = judge_of(config, job);
  const std::vector<unsigned> parents = shards_of_parents(config, job);
  if (parents.size() > 1) {
    refuse(base, "These jobs live on different shards, so nobody can decide when all have ended.", faults);
  } else if (judged && !parents.empty() && parents.front() != judge) {
    refuse(base, "These jobs live on another shard than the judge of this one's keys and limits.", faults);
  }
  if (!parents.empty()) return parents.front();
  return judged ? judge : lot;
}

bool lives_elsewhere(const Config& config, const NewJob& job) {
  return config.shards > 1 && needs_judge(config, job) && judge_of(config, job) != 0;
}

unsigned shard_told(const Input& input) {
  return static_cast<unsigned>(std::clamp<int64_t>(input.shard(), 0, input.config.shards - 1));
}

unsigned lot_of(const Input& input) {
  if (input.config.shards == 1) return 0;
  if (input.shard() >= 0) return shard_told(input);
  Entropy entropy = input.entropy;  // the flow's own goes on as if nobody had drawn
  return static_cast<unsigned>(entropy.below(input.config.shards));
}

void on_all(const Config& config, Step& step) {
  if (config.shards == 1) return;
  for (unsigned shard = 0; shard < config.shards; ++shard) step.shards.push_back(shard);
}

Step split_over_all(const Input& input) {
  Step step;
  if (input.config.shards == 1 || input.shard() >= 0) return step;
  for (unsigned shard = 0; shard < input.config.shards; ++shard) step.split.push_back({shard, {}});
  return step;
}

void add_item(std::vector<Part>& parts, unsigned shard, size_t item) {
  const auto number = static_cast<uint32_t>(item);
  size_t n = 0;
  while (n < parts.size() && parts[n].shard != shard) ++n;
  if (n == parts.size()) parts.push_back({shard, {}});
  std::vector<uint32_t>& items = parts[n].items;
  if (items.empty() || items.back() != number) items.push_back(number);
}

Look look_for(const Input& input, std::string_view id, uint32_t column) {
  Look out;
  const int own = input.config.shards == 1 ? 0 : shard_of_job(input.config, id);
  for (const bool elsewhere : {false, true}) {
    std::vector<unsigned> look;
    if (!elsewhere && own >= 0) look.push_back(static_cast<unsigned>(own));
    if (elsewhere && input.config.shards > 1) look = other_shards(input.config, own);
    if (look.empty()) continue;
    if (input.rows.size() == out.stages) {
      out.shards = std::move(look);
      return out;
    }
    for (const json::Value row : input.rows[out.stages++].at(0)) {
      if (!is_found(input.config, row, column)) continue;
      out.row = row;
      out.shard = home_of_job(input.config, row.at(column).text());
      return out;
    }
  }
  return out;
}

void look_at(const Look& look, Step& step) {
  if (look.shards.size() == 1) {
    step.shard = look.shards.front();
  } else {
    step.shards = look.shards;
  }
}

}  // namespace sluice
