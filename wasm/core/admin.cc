#include "core/admin.h"

#include "core/depend.h"
#include "core/guard.h"
#include "core/id.h"
#include "core/limits.h"
#include "core/message.h"
#include "core/move.h"
#include "core/present.h"
#include "core/reply.h"
#include "core/shards.h"
#include "core/wake.h"

namespace sluice {
namespace {

// The job as it is after the move: the last statement of the last stage; moved() reads the one before.
json::Value row_after(const Input& input) {
  const json::Value stage = input.rows.back();
  return stage.at(stage.size() - 1).at(0);
}

// What the move did, one statement before.
Aftermath aftermath_of(const Input& input, const Move& move) {
  return aftermath({move}, freed_by(input, {move}), input.rows.back(), 1);
}

// Who was let out of a line by it, and who need wait no more.
void pass_on(const Input& input, const Move& move, Step& step) {
  send_aftermath(input, {move}, freed_by(input, {move}), aftermath_of(input, move), step);
}

bool took_effect(const Input& input, const Move& move, const std::string& op) {
  return moved(aftermath_of(input, move).state, 0, op);
}

Step apply(const Input& input, const std::string& op, const Move& move, unsigned shard) {
  Step step;
  step.shard = shard;
  add_moves(input, op, {move}, step);
  step.add(Sql::query_job, {bind_id(move.id, step)});
  return step;
}

Step answer(const Input& input) {
  Step step;
  step.reply.status = 200;
  json::Writer writer(step.reply.body);
  write_job(writer, row_after(input));
  return step;
}

Step lost_race() {
  Step step;
  step.more = true;
  step.reply = problem(409, "The job is changing; try again.");
  return step;
}

// Reads the job; a step with a plan or a reply where the flow is not there yet, or ends here.
Step look(const Input& input, Look& found, bool wants_final, std::string_view verb) {
  Step step;
  const std::string_view id = input.control.find("id").text();
  found = look_for(input, id, record::id);
  if (!found.shards.empty()) {
    look_at(found, step);
    step.add(Sql::query_job, {bind_id(id, step)});
    return step;
  }
  if (!found.row) {
    step.reply = problem(404, "There is no such job.");
    return step;
  }
  const Status status = held_of(found.row).status;
  const bool legal =
      wants_final ? status == Status::failed || status == Status::cancelled : !is_final(status);
  if (!legal && holds(Guard::legal_wish)) {
    const std::string detail = "A " + std::string(name(status)) + " job cannot be " + std::string(verb) + ".";
    step.reply = problem(409, detail);
  }
  return step;
}

}  // namespace

void Wakes::add(const Held& job, json::Value row) {
  const int transport = transport_index(row.at(record::transport).text());
  if (transport < 0 || transport == kPolledTransport) return;
  const int64_t delay = std::min(delay_seconds(input_.now, lease_over(job)), limits::kDelaySecondsMax);
  if (delay > 0) {
    step_.sends.push_back({kTransports[transport].binding, write_message(wake_of(row)), delay});
    return;
  }
  auto& packer = packers_[transport];
  if (!packer) packer = std::make_unique<Packer>(step_, transport);
  packer->add(write_message(wake_of(row)));
}

Step retry_job(const Input& input) {
  if (input.failed) return failed_batch(input);
  Look found;
  Step step = look(input, found, true, "retried");
  if (!step.plan.empty() || step.reply.status != 0) return step;
  const Held job = held_of(found.row);
  Entropy entropy = input.entropy;
  const std::string op = make_nonce(entropy);
  const Move move = revive(job, input.now, input.config.settings.resend_after_ms);
  if (input.rows.size() == found.stages) return apply(input, op, move, found.shard);
  if (!took_effect(input, move, op)) return lost_race();
  step = answer(input);
  pass_on(input, move, step);
  Wakes(input, step).add(job, row_after(input));
  return step;
}

Step cancel_job(const Input& input) {
  if (input.failed) return failed_batch(input);
  Look found;
  Step step = look(input, found, false, "cancelled");
  if (!step.plan.empty() || step.reply.status != 0) return step;
  const Held job = held_of(found.row);
  Entropy entropy = input.entropy;
  const std::string op = make_nonce(entropy);
  const Move move = cancel(job, input.now);
  if (input.rows.size() == found.stages) return apply(input, op, move, found.shard);
  step = took_effect(input, move, op) ? answer(input) : lost_race();
  pass_on(input, move, step);
  return step;
}

}  // namespace sluice
