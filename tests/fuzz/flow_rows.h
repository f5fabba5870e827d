// Rows as D1 might hand them back for a plan: right ones, and ones that no statement of ours would give.
#pragma once

#include <string>
#include <vector>

#include "tests/fuzz/abi.h"

namespace sluice::fuzz {

using Tree = nlohmann::json;

inline constexpr const char* kStatuses[] = {"pending",   "delayed", "blocked",  "processing",
                                            "completed", "failed",  "cancelled"};
inline constexpr const char* kTypes[] = {"plain", "checked", "single", "scrape_request", "gone"};
inline constexpr const char* kQueues[] = {"background-jobs", "scraping-tasks", "scraping-priority", "reports",
                                          "background-jobs-dlq"};
inline constexpr int64_t kNow = 1'800'000'000'000;

// Any small JSON value.
inline Tree wild(Choices& in, int depth = 0) {
  switch (in.below(depth < 3 ? 9 : 6)) {
    case 0:
      return nullptr;
    case 1:
      return in.one_in(2);
    case 2:
    case 3:
      return in.integer();
    case 4:
      return in.text(20);
    case 5:
      return static_cast<double>(in.integer()) / 8;
    case 6:
    case 7: {
      Tree out = Tree::array();
      for (size_t n = in.below(5); n > 0; --n) out.push_back(wild(in, depth + 1));
      return out;
    }
    default: {
      Tree out = Tree::object();
      for (size_t n = in.below(4); n > 0; --n) out[in.text(6)] = wild(in, depth + 1);
      return out;
    }
  }
}

// `right`, or at times anything else.
inline Tree perhaps(Choices& in, Tree right) { return in.one_in(16) ? wild(in) : right; }

// A time around now, or none.
inline Tree time_cell(Choices& in) {
  switch (in.below(4)) {
    case 0:
      return nullptr;
    case 1:
      return kNow + static_cast<int64_t>(in.bits(3));
    case 2:
      return kNow - static_cast<int64_t>(in.bits(3));
    default:
      return kNow;
  }
}

// Makes the rows of one step's plans.
class Rows {
 public:
  Rows(Choices& in, std::vector<std::string>& ids) : in_(in), ids_(ids) {}

  // The text of one stage's rows.
  std::string stage(const Tree& plan, const Answer& answer) {
    learn(plan, answer);
    Tree out = Tree::array();
    for (const Tree& statement : plan) {
      if (statement[2].get<bool>()) continue;
      const std::string& name = names()[statement[0].get<size_t>()];
      const size_t asked = asked_by(statement, answer);
      out.push_back(spoil_list(rows_of(name, asked)));
    }
    std::string text = spoil_list(out).dump();
    if (in_.one_in(64)) text.resize(in_.bits(2) % (text.size() + 1));
    return text;
  }

  Tree record(size_t n) {
    Tree row = {id(n),
                pick(kTypes),
                pick(kQueues),
                in_.below(11),
                30'000,
                1 + in_.below(5),
                kNow - 5'000,
                in_.one_in(3) ? Tree("corr") : Tree(nullptr),
                nullptr,
                nullptr,
                pick(kStatuses),
                in_.below(4),
                nonce(),
                in_.below(5),
                time_cell(in_),
                time_cell(in_),
                time_cell(in_),
                in_.below(4),
                pick(kQueues),
                line(),
                in_.one_in(3) ? Tree{"c:k", "q:reports"} : Tree(nullptr)};
    return row;
  }

  Tree id(size_t n) {
    if (ids_.empty()) return "01a3185c-5000-7000-a007-106ca4318a61";
    return ids_[(n + (in_.one_in(8) ? in_.byte() : 0)) % ids_.size()];
  }

 private:
  // The statements' names by number, as the ABI tells them.
  static const std::vector<std::string>& names() {
    static const std::vector<std::string> all = [] {
      std::vector<std::string> out;
      const Answer answer = call_bytes(SLUICE_OP_SQL, framed({}));
      for (size_t i = 0; i < answer.frames.size(); i += 2) out.push_back(answer.frames[i]);
      return out;
    }();
    return all;
  }

  // Notes the step's nonce and the ids that it asks about.
  void learn(const Tree& plan, const Answer& answer) {
    for (const Tree& statement : plan) {
      for (const Tree& index : statement[1]) {
        const Tree bound = Tree::parse(answer.frames[index.get<size_t>()], nullptr, false);
        if (bound.is_object() && bound.contains("op")) op_ = bound["op"].get<std::string>();
        if (!bound.is_array()) continue;
        for (const Tree& head : bound) {
          if (ids_.size() < 32 && head.is_array() && !head.empty() && head[0].is_string()) {
            ids_.push_back(head[0].get<std::string>());
          }
        }
      }
    }
  }

  static size_t asked_by(const Tree& statement, const Answer& answer) {
    if (statement[1].empty()) return 1;
    const Tree bound = Tree::parse(answer.frames[statement[1][0].get<size_t>()], nullptr, false);
    return bound.is_array() ? std::min<size_t>(bound.size(), 40) : 1;
  }

  template <size_t N>
  const char* pick(const char* const (&list)[N]) {
    return list[in_.below(N)];
  }
  Tree line() { return in_.one_in(6) ? Tree("c:k") : Tree(nullptr); }
  Tree nonce() { return in_.one_in(4) ? Tree("00000000000000aa") : Tree(op_); }

  // One row that is an array of one entry per thing asked for.
  template <typename Make>
  Tree grouped(size_t asked, Make make) {
    Tree group = Tree::array();
    for (size_t n = 0; n < asked; ++n) group.push_back(spoil_row(make(n)));
    return Tree::array({spoil_list(group)});
  }

  Tree rows_of(const std::string& name, size_t asked) {
    if (name == "admit_state") {
      return grouped(asked, [&](size_t n) { return Tree{id(n), pick(kStatuses), nonce(), line()}; });
    }
    if (name == "claim_state") {
      return grouped(asked, [&](size_t n) {
        Tree row = record(n);
        row[10] = in_.one_in(4) ? pick(kStatuses) : "processing";
        row.push_back(in_.one_in(2) ? Tree({"fixed", 10, 100, 0}) : Tree(nullptr));
        row.push_back(in_.one_in(2) ? Tree({"a", "b"}) : Tree(nullptr));
        return row;
      });
    }
    if (name == "move_state") {
      return grouped(asked, [&](size_t n) { return Tree{id(n), pick(kStatuses), in_.below(4), nonce()}; });
    }
    if (name == "pulse_state") {
      return grouped(asked, [&](size_t n) {
        return Tree{id(n), pick(kStatuses), in_.below(4), time_cell(in_)};
      });
    }
    if (name == "bury_state") {
      return grouped(asked, [&](size_t n) {
        return Tree{id(n),
                    in_.below(4),
                    nonce(),
                    pick(kTypes),
                    pick(kQueues),
                    in_.below(9),
                    Tree{{"code", "c"}, {"message", "m"}},
                    time_cell(in_)};
      });
    }
    return listed(name);
  }

  // Statements whose rows are one per job, or one figure.
  Tree listed(const std::string& name) {
    Tree out = Tree::array();
    if (name == "poll_lines") {
      out.push_back(spoil_row(Tree::array({"p:outreach", wild(in_)})));
    } else if (name == "poll_state") {
      for (size_t n = in_.below(5); n > 0; --n) {
        Tree row = record(n);
        row.push_back(nullptr);
        row.push_back(Tree::array({"tag"}));
        out.push_back(spoil_row(row));
      }
    }
    if (name == "sweep_due" || name == "query_list" || name == "query_unhappy" || name == "query_tagged" ||
        name == "query_job" || name == "gate_release") {
      for (size_t n = in_.below(name == "query_job" ? 2 : 5); n > 0; --n) {
        Tree row = record(n);
        if (name == "sweep_due") {
          row.push_back(time_cell(in_));
          row.push_back(in_.one_in(2) ? Tree(0) : Tree(nullptr));
          row.push_back(in_.below(2));
        } else if (name != "gate_release" && name != "depend_state") {
          append_details(row);
        }
        out.push_back(spoil_row(row));
      }
    } else if (name == "depend_state") {
      for (size_t n = in_.below(3); n > 0; --n) out.push_back(spoil_row(record(n)));
    } else if (name == "depend_missing") {
      for (size_t n = in_.below(3); n > 0; --n) {
        out.push_back(spoil_row(Tree{id(n), perhaps(in_, Tree::array({in_.below(3), in_.below(300)}))}));
      }
    } else if (name == "query_counters") {
      Tree rows = Tree::array();
      for (size_t n = in_.below(4); n > 0; --n) rows.push_back(spoil_row(counter()));
      out.push_back(rows);
    } else if (name == "sweep_lag" || name == "query_ping") {
      out.push_back(spoil_row(Tree::array({name == "sweep_lag" ? Tree(in_.below(2)) : time_cell(in_)})));
    } else if (name == "sweep_lines") {
      for (size_t n = in_.below(4); n > 0; --n) {
        out.push_back(spoil_row(
            Tree{"c:k" + std::to_string(n), in_.one_in(4) ? Tree(nullptr) : Tree(in_.below(4)), "c:j"}));
      }
    } else if (name == "gate_queue") {
      out.push_back(spoil_row(Tree{in_.below(2), in_.below(9), Tree{1, 2, 3, 4}}));
    } else if (name == "query_scanned" || name == "query_unhappy_scanned" || name == "query_tagged_scanned") {
      out.push_back(spoil_row(Tree{in_.below(200) * 20, id(0)}));
    } else {
      for (size_t n = in_.below(4); n > 0; --n) {
        Tree row = viewed(name, n);
        if (!row.is_null()) out.push_back(spoil_row(std::move(row)));
      }
    }
    return out;
  }

  // A row of the views; null for a statement that is none of theirs.
  Tree viewed(const std::string& name, size_t n) {
    if (name == "query_waiting")
      return Tree{in_.one_in(4) ? Tree(nullptr) : Tree(pick(kQueues)), time_cell(in_)};
    if (name == "query_letters") return Tree{pick(kQueues), in_.below(9)};
    if (name == "query_breakers") return Tree{"h:e.example", in_.below(9), time_cell(in_)};
    if (name == "query_paused") return Tree{pick(kQueues), in_.below(2), in_.below(9)};
    if (name == "query_failures") return Tree{in_.text(3), "c", in_.text(9), in_.below(9), time_cell(in_)};
    if (name == "compat_letters") {
      return Tree{id(n), pick(kTypes), wild(in_), wild(in_), in_.below(4), 3, {{"message", "m"}}};
    }
    if (name == "query_explain") return explained(n);
    if (name == "letters_page" || name == "letters_one") {
      Tree row = letter(n);
      row.push_back(wild(in_).dump());
      row.push_back(in_.below(99));
      return row;
    }
    if (name != "letters_named" && name != "letters_next" && name != "letters_at") return nullptr;
    Tree row = record(n);
    if (!in_.one_in(3)) row[10] = "failed";
    row.push_back(time_cell(in_));
    for (Tree& cell : letter(n)) row.push_back(std::move(cell));
    row.push_back(id(n));
    return row;
  }

  // Columns of a dead letter, of a job or of a message that was none.
  Tree letter(size_t n) {
    const bool message = in_.one_in(3);
    const Tree envelope = {
        {"id", in_.text(3)}, {"type", pick(kTypes)}, {"payload", 1}, {"metadata", Tree::object()}};
    return Tree{id(n),
                message ? Tree(nullptr) : id(n),
                in_.below(4),
                message ? Tree(nullptr) : Tree(pick(kTypes)),
                pick(kQueues),
                in_.below(4),
                3,
                {{"code", "c"}, {"message", "m"}, {"retryable", false}},
                time_cell(in_),
                time_cell(in_),
                message ? Tree(in_.one_in(3) ? wild(in_).dump() : envelope.dump()) : Tree(nullptr),
                in_.below(99)};
  }

  Tree explained(size_t n) {
    Tree row = record(n);
    for (Tree cell : {time_cell(in_), time_cell(in_), Tree("w1"), Tree("ext:k"),
                      Tree{{"code", "c"}, {"message", "m"}, {"retryable", true}}}) {
      row.push_back(std::move(cell));
    }
    Tree history = Tree::array();
    for (size_t i = in_.below(3); i > 0; --i) {
      static constexpr const char* kOutcomes[] = {"failed",  "snoozed",   "lost", "cancelled",
                                                  "retried", "discarded", "x"};
      history.push_back(perhaps(in_, Tree{{"attempt", i},
                                          {"outcome", pick(kOutcomes)},
                                          {"finishedAt", time_cell(in_)},
                                          {"error", {{"code", "c"}, {"message", in_.text(9)}}},
                                          {"delayMs", in_.bits(2)}}));
    }
    row.push_back(history);
    row.push_back(in_.one_in(2) ? Tree("q:background-jobs") : Tree(nullptr));
    for (Tree cell : {Tree(in_.below(2)), Tree(in_.below(9)), Tree(in_.below(2)), time_cell(in_),
                      time_cell(in_), Tree(in_.below(2000)), time_cell(in_), time_cell(in_)}) {
      row.push_back(std::move(cell));
    }
    return row;
  }

  Tree counter() {
    Tree row = {pick(kQueues), pick(kTypes)};
    for (int i = 0; i < 9; ++i) row.push_back(in_.below(200));
    Tree ring = Tree::array();
    for (size_t n = in_.below(4); n > 0; --n) {
      ring.push_back(spoil_row(
          Tree{kNow / 30'000 - static_cast<int64_t>(n), in_.below(9), in_.below(9), in_.below(99)}));
    }
    row.push_back(ring);
    return row;
  }

  // What a job's row has beyond its record: progress to dependencies, then the history.
  void append_details(Tree& row) {
    row.push_back(in_.below(101));
    row.push_back(in_.one_in(8) ? wild(in_) : Tree(wild(in_).dump()));
    row.push_back(in_.one_in(8) ? Tree("no JSON") : Tree(wild(in_).dump()));
    row.push_back(in_.one_in(2) ? Tree{{"code", "c"}, {"message", "m"}, {"retryable", true}} : Tree(nullptr));
    for (Tree cell : {time_cell(in_), time_cell(in_), Tree("w1"), Tree("key:k"), Tree(nullptr), Tree(5)}) {
      row.push_back(std::move(cell));
    }
    row.push_back(in_.one_in(2) ? Tree(7) : Tree(nullptr));
    row.push_back(in_.one_in(2) ? Tree("tenant") : Tree(nullptr));
    row.push_back(in_.one_in(2) ? Tree("k") : Tree(nullptr));
    row.push_back(in_.one_in(4) ? Tree{"a", "b"} : Tree(nullptr));
    Tree history = Tree::array();
    for (size_t n = in_.below(3); n > 0; --n) {
      history.push_back(perhaps(
          in_,
          Tree{{"attempt", n}, {"outcome", "failed"}, {"startedAt", kNow}, {"finishedAt", time_cell(in_)}}));
    }
    row.push_back(history);
  }

  // At times a column too few, too many, of another type, or no row at all.
  Tree spoil_row(Tree row) {
    switch (in_.below(24)) {
      case 1:
        if (!row.empty()) row.erase(row.size() - 1);
        break;
      case 2:
        row.erase(row.begin() + static_cast<std::ptrdiff_t>(in_.below(row.size() + 1)), row.end());
        break;
      case 3:
        row.push_back(wild(in_));
        break;
      case 4:
      case 5:
        if (!row.empty()) row[in_.below(row.size())] = wild(in_);
        break;
      case 6:
        return wild(in_);
      default:
        break;
    }
    return row;
  }

  // At times a row too few, too many, or something that is no list.
  Tree spoil_list(Tree list) {
    switch (in_.below(32)) {
      case 1:
        if (!list.empty()) list.erase(list.size() - 1);
        break;
      case 2:
        list.push_back(list.empty() ? wild(in_) : list[0]);
        break;
      case 3:
        return wild(in_);
      default:
        break;
    }
    return list;
  }

  Choices& in_;
  std::vector<std::string>& ids_;
  std::string op_;
};

}  // namespace sluice::fuzz
