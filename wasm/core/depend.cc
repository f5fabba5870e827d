#include "core/depend.h"

#include <algorithm>
#include <memory>

#include "core/limits.h"
#include "core/message.h"
#include "core/record.h"
#include "core/reply.h"
#include "core/shards.h"
#include "core/wake.h"

namespace sluice {
namespace {

// When the sweep looks at what has become ready.
int64_t wake_time(const Input& input) { return input.now + input.config.settings.resend_after_ms; }

std::string write_scalars(const Input& input, const std::string& op) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("now").integer(input.now).key("op").string(op);
  writer.key("edges").integer(limits::kDependEdges).key("wake").integer(wake_time(input)).end_object();
  return out;
}

// Whether a move is of a job that waits, and is to be decided itself.
bool waits(const Move& move) { return move.to == Status::blocked; }

bool concerns_others(const Move& move) { return is_final(move.to) || waits(move); }

bool depends(const NewJob& job) { return !job.depends_on.empty(); }

std::string write_moved(const std::vector<Move>& moves) {
  std::string out;
  json::Writer writer(out);
  writer.begin_array();
  for (const Move& move : moves) {
    if (!concerns_others(move)) continue;
    writer.begin_array().string(move.id).integer(waits(move) ? 1 : 0).end_array();
  }
  writer.end_array();
  return out;
}

std::string write_new(const std::vector<NewJob>& jobs) {
  std::string out;
  json::Writer writer(out);
  writer.begin_array();
  for (const NewJob& job : jobs) {
    if (depends(job)) writer.begin_array().string(job.id).integer(1).end_array();
  }
  writer.end_array();
  return out;
}

// Whether the plan's own moves made the job ready, so that its own flow sends it.
bool sent_by_its_move(const std::vector<Move>& moves, std::string_view id) {
  return std::any_of(moves.begin(), moves.end(),
                     [&](const Move& move) { return move.id == id && !waits(move); });
}

}  // namespace

bool is_ready(std::string_view status) {
  return status == name(Status::pending) || status == name(Status::delayed);
}

bool too_many_dependencies(const std::vector<NewJob>& jobs) {
  size_t bytes = 0;
  for (const NewJob& job : jobs) bytes += job.depends_on.size();
  return jobs.size() > 1 && bytes > limits::kDependBytesMax;
}

void write_dependencies(json::Writer& writer, const NewJob& job) {
  writer.raw_or_null(job.depends_on);
  writer.string_or_null(!depends(job) ? "" : job.proceeds ? "proceed" : "cancel");
}

void add_dependencies(const Input& input, const std::string& op, const std::vector<NewJob>& jobs,
                      uint32_t heads, Step& step) {
  if (std::none_of(jobs.begin(), jobs.end(), depends)) return;
  const uint32_t decided = step.text(write_new(jobs));
  const uint32_t scalars = step.text(write_scalars(input, op));
  step.add(Sql::depend_insert, {heads});
  step.add(Sql::depend_count, {decided, scalars});
  step.add(Sql::depend_move, {decided, scalars});
  step.add(Sql::depend_missing, {heads});
}

std::vector<Fault> unknown_parents(const Input& input, const NewJob& job, std::string_view base) {
  std::vector<Fault> out;
  if (!depends(job)) return out;
  const json::Value stage = input.rows[0];
  const std::string list = pointer(base, "dependsOn");
  for (const json::Value row : stage.at(stage.size() - 2)) {
    if (row.at(0).text() != job.id) continue;
    for (const json::Value place : row.at(1)) {
      out.push_back({pointer(list, std::to_string(place.integer())), "unknown_job", "There is no such job."});
      if (out.size() == kFaultsMax) return out;
    }
  }
  return out;
}

bool decides_others(const std::vector<Move>& moves) {
  return std::any_of(moves.begin(), moves.end(), concerns_others);
}

void add_dependants(const Input& input, const std::string& op, const std::vector<Move>& moves, Step& step) {
  if (!decides_others(moves)) return;
  const uint32_t moved = step.text(write_moved(moves));
  const uint32_t scalars = step.text(write_scalars(input, op));
  step.add(Sql::depend_count, {moved, scalars});
  step.add(Sql::depend_move, {moved, scalars});
  step.add(Sql::depend_close, {moved, scalars});
  step.add(Sql::depend_more, {moved, scalars});
  step.add(Sql::depend_state, {scalars});
}

void send_dependants(const Input& input, const std::vector<Move>& moves, json::Value rows, Step& step) {
  std::unique_ptr<Packer> packers[kTransportCount];
  for (const json::Value row : rows) {
    const int transport = transport_index(row.at(record::transport).text());
    if (transport < 0 || transport == kPolledTransport) continue;
    if (sent_by_its_move(moves, row.at(record::id).text())) continue;
    const bool delayed = row.at(record::status).text() == name(Status::delayed);
    const int64_t delay = delayed ? delay_seconds(input.now, time_of(row.at(record::run_at))) : 0;
    if (delay > 0) {
      if (can_be_sent(delay)) {
        step.sends.push_back({kTransports[transport].binding, write_message(wake_of(row)), delay});
      }
      continue;
    }
    auto& packer = packers[transport];
    if (!packer) packer = std::make_unique<Packer>(step, transport);
    packer->add(write_message(wake_of(row)));
  }
}

void add_healing(const Input& input, Step& step) {
  std::string text;
  json::Writer writer(text);
  writer.begin_object().key("now").integer(input.now);
  writer.key("rows").integer(limits::kDependWalkRows).end_object();
  const uint32_t bound = step.text(std::move(text));
  step.add(Sql::depend_walk, {bound});
  step.add(Sql::depend_heal, {bound});
}

Step parents(const Input& input) {
  if (input.failed) return failed_batch(input, 3);
  Step step;
  if (!input.rows.empty()) {
    step.reply = Reply{200, 0, "{}"};
    return step;
  }
  const std::string_view child = input.control.find("id").text();
  step.shard = home_of_job(input.config, child);
  const uint32_t id = bind_id(child, step);
  std::string bytes;
  json::Writer(bytes).begin_object().key("bytes").integer(limits::kParentsBytesMax).end_object();
  step.add(Sql::depend_parents, {id, step.text(std::move(bytes))}, true);
  return step;
}

}  // namespace sluice
