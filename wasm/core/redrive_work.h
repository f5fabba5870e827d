// What requeueing some dead letters comes to; shared by the flows that do it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/job.h"
#include "core/json.h"
#include "core/letters.h"
#include "core/move.h"
#include "core/record.h"
#include "core/step.h"

namespace sluice {

// Columns of letters_named.sql, letters_next.sql and letters_at.sql: the job's record, and these.
namespace redriven {
inline constexpr uint32_t kCompletedAt = record::kCount;
inline constexpr uint32_t kLetter = kCompletedAt + 1;         // the first of letter::Column
inline constexpr uint32_t kAsked = kLetter + letter::kCount;  // the id that was asked for
}  // namespace redriven

// A dead letter that stays where it is.
struct Skipped {
  std::string_view id;
  std::string_view code;  // not_found, conflict or not_valid
  std::string detail;
};

// Where a row's dead letter is: with its job, or on shard 0 where it never had one.
[[nodiscard]] unsigned shard_of_letter(const Config& config, json::Value row);

class Redrive {
 public:
  // Reads rows of one shard, each dead letter once. Their documents must outlive this.
  Redrive(const Input& input, const std::vector<json::Value>& rows);

  [[nodiscard]] bool idle() const { return moves_.empty() && adopted_.empty(); }
  [[nodiscard]] unsigned shard() const { return shard_; }
  [[nodiscard]] const std::vector<Skipped>& skipped() const { return skipped_; }
  // What the first job that is requeued can be found under: its id, or a foreign envelope's.
  [[nodiscard]] std::string_view first_id() const;

  // Adds the statements that requeue them.
  void add(Step& step);
  // Reads what they came to out of their rows, adds the messages to be sent, and returns how many were
  // requeued; the others have become skipped.
  int64_t conclude(json::Value stage, Step& step);
  // They stay: their database cannot be reached.
  void give_up();

 private:
  json::Value send_moved(json::Value stage, Step& step);
  void read_message(std::vector<Delivered>& delivered, size_t message, std::string_view id);

  const Input& input_;
  unsigned shard_ = 0;
  Entropy entropy_;
  std::string op_;
  std::vector<json::Document> documents_;
  std::vector<Move> moves_;
  std::vector<json::Value> rows_;  // of the moves
  std::vector<NewJob> adopted_;
  std::vector<std::string_view> letters_;  // of the adopted
  std::vector<Skipped> skipped_;
  size_t move_state_ = 0;
  size_t admit_state_ = 0;
};

}  // namespace sluice
