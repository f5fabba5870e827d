// The record as the explorer sees it: every distinct content of the tables is one number, and a batch is a
// function from one number to another. Real SQLite with the real migrations and statements computes it, each
// batch on each content once.
//
// What no statement reads is left out of a content, or times and histories would make two of what is one:
//   jobs          updated_at, started_at, history, last_error and completed_at (whether, not when)
//   counters      the ring of rates
//   dead_letters  when and why it failed, when it was buried (whether is kept), by which step
//   sweep         when it ran, and where its last rounds began (each round sets it before it reads it)
// They are shown to people, or copied and appended to themselves, and appear in no condition. That a batch
// leaves a final job's row alone is judged on all of its columns, before they are left out.
#pragma once

#include <sqlite3.h>

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/step.h"

namespace sluice::exhaustive {

using Id = uint32_t;
inline constexpr Id kNone = UINT32_MAX;

// Gives equal texts one number.
class Interner {
 public:
  // The text's number and whether it is new.
  std::pair<Id, bool> add(const std::string& text) {
    const auto [it, fresh] = ids_.try_emplace(text, static_cast<Id>(texts_.size()));
    if (fresh) texts_.push_back(&it->first);
    return {it->second, fresh};
  }
  [[nodiscard]] const std::string& text(Id id) const { return *texts_[id]; }
  [[nodiscard]] size_t size() const { return texts_.size(); }

 private:
  std::unordered_map<std::string, Id> ids_;
  std::vector<const std::string*> texts_;
};

// A job's row, as far as rules look at it.
struct JobRow {
  std::string id;
  std::string status;
  std::string op;
  std::string holder;   // the worker of its latest lease
  std::string content;  // what must not change once it is final
  int64_t fence = 0;
  int64_t lease_until = 0;  // 0: none
  int64_t run_at = 0;
  int64_t wake_at = 0;
  int64_t losses = 0;
  bool begun = false;  // it has a progress
};

struct Letter {
  std::string id;
  int64_t fence = -1;
  bool buried = false;
};

// Rows of `jobs` and `dead_letters` in the order of their ids.
struct Content {
  std::vector<JobRow> jobs;
  std::vector<Letter> letters;
};

// What must hold of every content, and does not.
struct Fault {
  std::string rule;  // empty: all is well
  std::string words;
};

// A plan's batch, run on one content.
struct Commit {
  Id after = kNone;     // the content that it leaves
  Id rows = kNone;      // what it answers the core, as a number of rows_text()
  std::string failure;  // the database's refusal; then nothing was changed
  Content exact;        // the rows of `after` with nothing left out
};

struct Batch {
  std::vector<std::pair<Sql, std::vector<std::string>>> statements;
  std::vector<bool> for_host;
  bool reads_only = true;
};

class Store {
 public:
  using Cut = std::function<std::string(const std::string&)>;

  // `cut` is applied to each statement's text before it is prepared; `whole` leaves nothing out of a content.
  explicit Store(Cut cut = {}, bool whole = false);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // The number of a plan.
  Id batch(const Step& step);
  [[nodiscard]] bool reads_only(Id batch) const { return batches_[batch].reads_only; }

  // The migrated database without jobs.
  Id empty();
  const Commit& run(Id content, Id batch);
  [[nodiscard]] const Content& content(Id id) const { return contents_[id]; }
  [[nodiscard]] const Fault& fault(Id id) const { return faults_[id]; }
  // The content's rows as one text.
  [[nodiscard]] const std::string& text(Id id) const { return keys_.text(id); }
  [[nodiscard]] const std::string& rows_text(Id id) const { return rows_.text(id); }

  [[nodiscard]] size_t contents() const { return contents_.size(); }
  [[nodiscard]] size_t commits() const { return commits_.size(); }

 private:
  struct Cell {
    char type = 'n';  // n: null, i: integer, t: text
    int64_t number = 0;
    std::string text;
  };
  struct Table {
    std::string name;
    std::vector<std::string> columns;
    sqlite3_stmt* read = nullptr;
    sqlite3_stmt* clear = nullptr;
    sqlite3_stmt* write = nullptr;
  };
  using Row = std::vector<Cell>;
  using Tables = std::vector<std::vector<Row>>;  // by table

  void execute(const std::string& sql);
  sqlite3_stmt* prepare(const std::string& sql);
  sqlite3_stmt* statement(Sql sql);
  void open_tables();
  void load(Id content);
  Tables read();
  std::string run_all(const Batch& batch, std::string& rows);
  Id keep(Tables tables);
  Fault scan();
  Content describe(const Tables& tables) const;
  void leave_out(Tables& tables) const;
  [[nodiscard]] size_t column(size_t table, const char* name) const;

  Cut cut_;
  const bool whole_;
  sqlite3* db_ = nullptr;
  std::vector<Table> tables_;
  std::vector<sqlite3_stmt*> prepared_;
  std::map<std::string, sqlite3_stmt*> own_;

  Interner keys_;
  std::vector<Tables> stored_;
  std::deque<Content> contents_;
  std::vector<Fault> faults_;
  Interner rows_;
  Interner batch_keys_;
  std::vector<Batch> batches_;
  std::unordered_map<uint64_t, size_t> memo_;
  std::vector<std::unique_ptr<Commit>> commits_;
};

}  // namespace sluice::exhaustive
