#include "core/redrive_work.h"

#include <algorithm>
#include <memory>

#include "core/admin.h"
#include "core/admit.h"
#include "core/id.h"
#include "core/message.h"
#include "core/shards.h"

namespace sluice {
namespace {

json::Value letter_cell(json::Value row, letter::Column column) { return row.at(redriven::kLetter + column); }

bool is_message(json::Value row) { return !letter_cell(row, letter::job_id).is(json::Kind::string); }

std::string why_invalid(const std::vector<Delivered>& delivered, size_t message) {
  for (const Delivered& entry : delivered) {
    if (entry.message == message && entry.kind == MessageKind::invalid) {
      return "Still no valid envelope: " + entry.detail + " (" + entry.code + ")";
    }
  }
  return "It is no envelope of a job that can be adopted.";
}

}  // namespace

unsigned shard_of_letter(const Config& config, json::Value row) {
  return home_of_job(config, letter_cell(row, letter::job_id).text());
}

Redrive::Redrive(const Input& input, const std::vector<json::Value>& rows)
    : input_(input), entropy_(input.entropy), op_(make_nonce(entropy_)) {
  std::vector<std::string_view> seen;
  std::vector<std::string_view> messages;
  std::vector<std::string_view> bodies;
  for (const json::Value row : rows) {
    const std::string_view id = letter_cell(row, letter::id).text();
    if (id.empty()) {
      skipped_.push_back({row.at(redriven::kAsked).text(), "not_found", "There is no such dead letter."});
      continue;
    }
    if (std::find(seen.begin(), seen.end(), id) != seen.end()) continue;
    seen.push_back(id);
    shard_ = shard_of_letter(input.config, row);
    if (is_message(row)) {
      messages.push_back(id);
      bodies.push_back(letter_cell(row, letter::body).text());
      continue;
    }
    const Held job = held_of(row);
    if (job.status != Status::failed) {
      skipped_.push_back({id, "conflict", "Its job has not failed."});
      continue;
    }
    moves_.push_back(revive(job, input.now, input.config.settings.resend_after_ms));
    rows_.push_back(row);
  }
  documents_ = std::vector<json::Document>(bodies.size());
  std::vector<Delivered> delivered = read_messages(input.config, bodies, documents_, input.now, entropy_);
  for (size_t i = 0; i < messages.size(); ++i) read_message(delivered, i, messages[i]);
}

void Redrive::read_message(std::vector<Delivered>& delivered, size_t message, std::string_view id) {
  Delivered* only = nullptr;
  size_t envelopes = 0;
  for (Delivered& entry : delivered) {
    if (entry.message != message) continue;
    ++envelopes;
    only = &entry;
  }
  if (envelopes != 1 || only->kind != MessageKind::foreign) {
    skipped_.push_back({id, "not_valid", why_invalid(delivered, message)});
    return;
  }
  if (lives_elsewhere(input_.config, *only->job)) {
    skipped_.push_back(
        {id, "several_shards", "Its keys are judged on another shard: send its envelope anew."});
    return;
  }
  adopted_.push_back(std::move(*only->job));
  letters_.push_back(id);
}

std::string_view Redrive::first_id() const {
  if (!moves_.empty()) return moves_.front().id;
  if (adopted_.empty()) return {};
  return std::string_view(adopted_.front().unique_key).substr(kForeignPrefix.size());
}

void Redrive::add(Step& step) {
  step.shard = shard_;
  if (!moves_.empty()) {
    add_moves(input_, op_, moves_, step);
    move_state_ = step.plan.size() - 1;
  }
  if (adopted_.empty()) return;
  add_admission(input_, op_, adopted_, false, step);
  admit_state_ = step.plan.size() - 1;
  std::string text;
  json::Writer writer(text);
  writer.begin_array();
  for (size_t i = 0; i < adopted_.size(); ++i) {
    writer.begin_array().string(letters_[i]).string(adopted_[i].unique_key).end_array();
  }
  writer.end_array();
  step.add(Sql::letters_adopted, {step.text(std::move(text))});
}

// Returns what holds of the moves, and sends whom they let go on.
json::Value Redrive::send_moved(json::Value stage, Step& step) {
  if (moves_.empty()) return {};
  const Freed freed = freed_by(input_, moves_);
  const auto behind = static_cast<uint32_t>(stage.size() - 1 - move_state_);
  const Aftermath after = aftermath(moves_, freed, stage, behind);
  send_aftermath(input_, moves_, freed, after, step);
  return after.state;
}

void Redrive::give_up() {
  const auto skip = [&](std::string_view id) {
    skipped_.push_back({id, "unavailable", "Its database cannot be reached; try again."});
  };
  for (const Move& move : moves_) skip(move.id);
  for (const std::string_view id : letters_) skip(id);
}

int64_t Redrive::conclude(json::Value stage, Step& step) {
  Step planned;  // the same statements once more tell which rows are whose
  add(planned);
  int64_t requeued = 0;
  const json::Value moved_rows = send_moved(stage, step);
  Wakes wakes(input_, step);
  for (size_t i = 0; i < moves_.size(); ++i) {
    if (moved(moved_rows, i, op_)) {
      wakes.add(held_of(rows_[i]), rows_[i]);
      ++requeued;
    } else {
      skipped_.push_back({moves_[i].id, "conflict", "The job is changing; try again."});
    }
  }
  if (adopted_.empty()) return requeued;
  const json::Value admitted_rows = stage.at(static_cast<uint32_t>(admit_state_)).at(0);
  send_created(input_, adopted_, admitted_rows, step);
  for (size_t i = 0; i < adopted_.size(); ++i) {
    if (admitted(admitted_rows, i, adopted_[i]).id.empty()) {
      skipped_.push_back({letters_[i], "conflict", "The job could not be recorded; try again."});
    } else {
      ++requeued;
    }
  }
  return requeued;
}

}  // namespace sluice
