#include "views/explain.h"

#include "core/clock.h"
#include "core/gate.h"
#include "core/guard.h"
#include "core/limits.h"
#include "core/present.h"
#include "core/record.h"
#include "core/reply.h"
#include "core/shards.h"
#include "core/wake.h"
#include "core/writer.h"

namespace sluice {
namespace {

// Columns of query_explain.sql behind the record's.
enum Column : uint32_t {
  kCompletedAt = record::kCount,
  kWakeAt,
  kLeasedBy,
  kUniqueKey,
  kLastError,
  kHistory,
  kHeldBy,
  kGateUsed,
  kGatePaused,
  kGateNextAt,
  kGateOpenUntil,
  kAhead,
  kDiedAt,
  kBuriedAt
};

// "90 s", "1.5 s".
std::string seconds(int64_t ms) {
  std::string out = std::to_string(ms / 1000);
  if (ms % 1000 != 0) {
    std::string fraction = std::to_string(1000 + ms % 1000).substr(1);
    while (fraction.back() == '0') fraction.pop_back();
    out.append(".").append(fraction);
  }
  return out.append(" s");
}

std::string number(json::Value cell) { return std::to_string(count_of(cell)); }

std::string time(json::Value cell) { return rfc3339(time_of(cell)); }

// " (code: message)", or nothing.
std::string because(json::Value error) {
  if (!error.is(json::Kind::object)) return "";
  std::string out = " (";
  return out.append(error.find("code").text()).append(": ").append(error.find("message").text()).append(")");
}

class Account {
 public:
  Account(const Input& input, json::Value row, json::Value parents, json::Writer& writer)
      : input_(input), row_(row), parents_(parents), writer_(writer), job_(held_of(row)) {}

  void tell() {
    tell_birth();
    const json::Value history = at(kHistory);
    if (history.size() >= limits::kHistoryMax) {
      tell_now("history_cut", "What happened before is not kept: the history holds " +
                                  std::to_string(limits::kHistoryMax) + " entries.");
    }
    for (const json::Value entry : history) tell_entry(entry);
    switch (job_.status) {
      case Status::pending:
        return tell_pending();
      case Status::delayed:
        return tell_delayed();
      case Status::blocked:
        return tell_blocked();
      case Status::processing:
        return tell_processing();
      case Status::completed:
        return tell("completed", at(kCompletedAt),
                    "The handler of attempt " + number(at(record::attempts)) + " returned: the job is done.");
      case Status::failed:
        return tell_failed();
      default:
        return tell_cancelled();
    }
  }

 private:
  [[nodiscard]] json::Value at(uint32_t column) const { return row_.at(column); }

  void tell(std::string_view rule, json::Value when, std::string_view text) {
    writer_.begin_object().key("at");
    write_time(writer_, when);
    writer_.key("rule").string(rule).key("text").string(text).end_object();
  }
  void tell_now(std::string_view rule, std::string_view text) { tell(rule, json::Value(), text); }

  void tell_birth() {
    std::string text = "Accepted for the queue ";
    text.append(at(record::queue).text()).append(" with priority ").append(number(at(record::priority)));
    text.append("; it may be tried ").append(number(at(record::max_attempts)));
    text.append(at(record::max_attempts).integer() == 1 ? " time." : " times.");
    const bool foreign = at(kUniqueKey).text().substr(0, kForeignPrefix.size()) == kForeignPrefix;
    if (foreign) text.append(" Another producer had put it straight into the transport.");
    if (at(kUniqueKey).text().substr(0, kTickPrefix.size()) == kTickPrefix) {
      text.append(" A schedule's tick had come.");
    }
    tell(foreign ? "adopted" : "accepted", at(record::created_at), text);
  }

  void tell_entry(json::Value entry) {
    const std::string_view outcome = entry.find("outcome").text();
    if (outcome == "failed") return tell_failure(entry);
    const std::string attempt = number(entry.find("attempt"));
    const std::string why = because(entry.find("error"));
    std::string text;
    if (outcome == "snoozed") {
      text = "The handler of attempt " + attempt + " asked to be called again after " +
             seconds(count_of(entry.find("delayMs"))) + why + "; that spends no attempt.";
    } else if (outcome == "lost") {
      text = "The lease of attempt " + attempt + " was lost" + why + "; that spends no attempt.";
    } else if (outcome == "cancelled") {
      text = why.empty() ? "An operator cancelled it." : "It was cancelled" + why + ".";
    } else if (outcome == "retried") {
      text = "An operator had it tried again, with all attempts anew.";
    } else if (outcome == "discarded") {
      text = "An operator deleted its dead letter; the job stays in the record as failed.";
    } else {
      text.append("It was ").append(outcome).append(why).append(".");
    }
    tell(outcome == "lost" ? "lease_lost" : outcome, entry.find("finishedAt"), text);
  }

  void tell_failure(json::Value entry) {
    const json::Value error = entry.find("error");
    const json::Value delay = entry.find("delayMs");
    const std::string attempt = number(entry.find("attempt"));
    std::string text = "Attempt " + attempt + " failed" + because(error);
    std::string_view rule = "retry_later";
    if (delay.is(json::Kind::number)) {
      const int64_t ms = count_of(delay);
      text.append("; attempts are left, so that it is tried again ");
      text.append(ms == 0 ? "at once." : "after " + seconds(ms) + ".");
    } else if (error.find("code").text() == "poison") {
      rule = "poison";
      text = "Its lease was lost for the third time" + because(error) + ": the job has failed for good.";
    } else if (!error.find("retryable").truth(true)) {
      rule = "not_retryable";
      text.append("; such an error is not tried again: the job has failed for good.");
    } else {
      rule = "attempts_spent";
      text.append("; it was the last attempt: the job has failed for good.");
    }
    tell(rule, entry.find("finishedAt"), text);
  }

  // The line in which it stands, and why that does not move.
  void tell_line() {
    const std::string_view key = at(kHeldBy).text();
    const std::string_view name = key.size() > 2 ? key.substr(2) : key;
    const char kind = key.empty() ? '\0' : key[0];
    std::string line(kind == 'q'   ? "of the queue "
                     : kind == 'c' ? "of the concurrency key "
                     : kind == 't' ? "of the tenant "
                     : kind == 'u' ? "of the address "
                     : kind == 'h' ? "of the host "
                     : kind == 'r' ? "of the rate of "
                     : kind == 's' ? "of the service "
                     : kind == 'p' ? "of the polled jobs of "
                                   : "of ");
    line.append(kind == '\0' ? key : name);
    std::string text = "It stands in the line " + line;
    const int64_t ahead = count_of(at(kAhead));
    const bool many = ahead >= limits::kAheadMax;
    text.append(ahead == 0 ? ", first"
                : many     ? ", behind " + std::to_string(ahead) + " or more others"
                           : ", behind " + std::to_string(ahead) + (ahead == 1 ? " other" : " others"));
    if (at(kGatePaused).integer() != 0) {
      return tell_now("paused", text.append(". That is paused: nothing starts until it is resumed."));
    }
    if (time_of(at(kGateOpenUntil)) > input_.now) {
      text.append(". Its breaker is open after repeated failures, until ").append(time(at(kGateOpenUntil)));
      return tell_now("breaker_open", text.append("."));
    }
    if (time_of(at(kGateNextAt)) > input_.now + limits::kStartAheadMs) {
      text.append(". Its rate is limited; the next free turn is at ").append(time(at(kGateNextAt)));
      return tell_now("rate_limited", text.append("."));
    }
    if (kind == 'p') return tell_now("polled", text.append(". The minute cron takes the first of them."));
    text.append(". ").append(number(at(kGateUsed)));
    tell_now("no_room",
             text.append(" jobs have its places now; whoever gives one back lets the next one in."));
  }

  // When it is looked at if nothing else happens.
  void tell_watch(std::string_view rule) {
    if (!job_.line.empty()) return tell_now(rule, "The next sweep puts it into the line of its polled jobs.");
    const std::string_view transport = at(record::transport).text();
    std::string text = "A message in ";
    text.append(transport).append(" wakes a worker for it");
    if (at(kWakeAt).is(json::Kind::number)) {
      text.append("; should that be lost, the sweep sends another one after ").append(time(at(kWakeAt)));
    } else {
      text.append("; should that be lost, the sweep sends another one some time after ");
      text.append(rfc3339(time_of(at(record::created_at)) + input_.config.settings.resend_after_ms));
    }
    tell_now(rule, text.append("."));
  }

  void tell_blocked() {
    std::string text = "It waits for jobs that it depends on to come to their end:";
    int64_t others = 0;
    int64_t named = 0;
    for (const json::Value parent : parents_) {
      if (parent.at(3).integer() != 1) continue;
      if (named == limits::kExplainParents) {
        ++others;
        continue;
      }
      text.append(named++ == 0 ? " " : ", ").append(parent.at(0).text());
      text.append(" (").append(parent.at(1).text()).append(", ").append(parent.at(2).text()).append(")");
    }
    if (named == 0) {
      return tell_now("blocked", "All that it depends on has come to its end: the sweep decides it.");
    }
    if (others > 0) text.append(" and ").append(std::to_string(others)).append(" more");
    tell_now("blocked", text.append("."));
  }

  void tell_pending() {
    if (!at(kHeldBy).text().empty()) return tell_line();
    if (lease_over(job_) > input_.now) {
      tell_now("earlier_lease", "The lease of an earlier attempt still holds: nothing starts before " +
                                    rfc3339(lease_over(job_)) + ".");
    }
    tell_watch("ready");
  }

  void tell_delayed() {
    const int64_t run_at = time_of(at(record::run_at));
    tell_now("not_before", "It does not start before " + rfc3339(run_at) + ".");
    if (!at(kHeldBy).text().empty()) return tell_line();
    if (run_at <= input_.now) tell_watch("due");
  }

  void tell_processing() {
    std::string text = "Attempt " + number(at(record::attempts)) + " runs on the worker ";
    text.append(at(kLeasedBy).text()).append(", which has leased it until ");
    text.append(time(at(record::lease_until))).append(" and renews that while it lives.");
    tell("leased", at(record::started_at), text);
    if (turn_of(row_) > input_.now) {
      tell_now("turn",
               "Its rate is limited: its turn is at " + rfc3339(turn_of(row_)) + ", and then it starts.");
    }
    if (lease_over(job_) > input_.now) return;
    tell_now("lease_over", "That lease has run out: the next sweep takes it back.");
  }

  void tell_failed() {
    if (!at(kDiedAt).is(json::Kind::number)) {
      return tell_now("no_dead_letter", "It has no dead letter any more; only a retry brings it back.");
    }
    if (at(kBuriedAt).is(json::Kind::number)) {
      return tell("dead_letter", at(kBuriedAt), "Its dead letter was archived; it waits for an operator.");
    }
    tell("dead_letter_sent", at(kDiedAt), "Its dead letter is on the way to the archive.");
  }

  void tell_cancelled() {
    if (lease_over(job_) <= input_.now) return;
    tell_now("stopping", "Its handler is told to stop; the lease holds until then, at most until " +
                             time(at(record::lease_until)) + ".");
  }

  const Input& input_;
  json::Value row_;
  json::Value parents_;  // rows of query_parents.sql
  json::Writer& writer_;
  Held job_;
};

Step ask(const Look& look, std::string_view id) {
  Step step;
  look_at(look, step);
  const uint32_t bound = bind_id(id, step);
  std::string ahead;
  json::Writer(ahead).begin_object().key("ahead").integer(limits::kAheadMax).end_object();
  step.add(Sql::query_explain, {bound, step.text(std::move(ahead))});
  step.add(Sql::query_parents, {bound});
  return step;
}

}  // namespace

Step explain(const Input& input) {
  const std::string_view id = input.control.find("id").text();
  const Look found = look_for(input, id, record::id);
  if (!found.shards.empty()) return ask(found, id);
  Step step;
  const json::Value row = found.row;
  if (!row) {
    step.reply = problem(404, "There is no such job.");
    return step;
  }
  step.reply.status = 200;
  json::Writer writer(step.reply.body);
  writer.begin_object()
      .key("jobId")
      .raw(row.at(record::id).raw())
      .key("type")
      .raw(row.at(record::type).raw());
  writer.key("status").raw(row.at(record::status).raw()).key("reasons").begin_array();
  Account(input, row, input.rows.back().at(1), writer).tell();
  writer.end_array().end_object();
  return step;
}

}  // namespace sluice
