#include "views/letters.h"

#include "core/clock.h"
#include "core/letters.h"
#include "core/limits.h"
#include "core/order.h"
#include "core/present.h"
#include "core/record.h"
#include "core/reply.h"
#include "core/shards.h"
#include "views/parameters.h"

namespace sluice {
namespace {

Step page_statements(const Input& input, const LetterPlace& place, int64_t limit) {
  Step step;
  on_all(input.config, step);
  std::string text;
  json::Writer writer(text);
  writer.begin_object().key("at").integer(place.at).key("id").string(place.id);
  writer.key("limit").integer(limit).key("body").integer(static_cast<int64_t>(limits::kInlineBytesMax));
  writer.end_object();
  step.add(Sql::letters_page, {step.text(std::move(text))});
  return step;
}

struct Page {
  Step step;  // where it has a plan or a reply, the flow is not at its end or ends here
  int64_t limit = limits::kListLimitDefault;
};

Page read_page(const Input& input) {
  Page out;
  LetterPlace place{kTimeMsMax, "\x7f"};  // after every one
  std::vector<Fault> faults;
  read_number(input.control, "limit", 1, limits::kListLimitMax, out.limit, faults);
  const std::string_view cursor = input.control.find("cursor").text();
  if (!cursor.empty() && !read_place(cursor, place)) {
    faults.push_back({"/cursor", "format", "Must be a nextCursor."});
  }
  if (!faults.empty()) {
    out.step.reply = problem(422, "The filter is not valid.", faults);
  } else if (input.rows.empty()) {
    out.step = page_statements(input, place, out.limit);
  }
  return out;
}

void write_letters(json::Writer& writer, const std::vector<json::Value>& rows) {
  writer.begin_array();
  for (const json::Value row : rows) write_letter(writer, row);
  writer.end_array();
}

// Rows of several databases that are of one error become one; each of them told of its most frequent.
struct Failure {
  json::Value row;
  int64_t count = 0;
  json::Value last_at;
};

bool same_failure(json::Value a, json::Value b) {
  return a.at(0).text() == b.at(0).text() && a.at(1).text() == b.at(1).text() &&
         a.at(2).text() == b.at(2).text();
}

// The order of query_failures.sql.
bool is_more_frequent(const void* context, uint32_t a, uint32_t b) {
  const auto& list = *static_cast<const std::vector<Failure>*>(context);
  if (list[a].count != list[b].count) return list[a].count > list[b].count;
  const int64_t one_at = time_of(list[a].last_at);
  const int64_t other_at = time_of(list[b].last_at);
  if (one_at != other_at) return one_at > other_at;
  for (const uint32_t column : {0U, 1U, 2U}) {
    const std::string_view one = list[a].row.at(column).text();
    const std::string_view other = list[b].row.at(column).text();
    if (one != other) return one > other;
  }
  return false;
}

bool by_error(const void* context, uint32_t a, uint32_t b) {
  const auto& list = *static_cast<const std::vector<Failure>*>(context);
  for (const uint32_t column : {0U, 1U, 2U}) {
    const std::string_view one = list[a].row.at(column).text();
    const std::string_view other = list[b].row.at(column).text();
    if (one != other) return one < other;
  }
  return false;
}

std::vector<Failure> read_failures(const Input& input, int64_t limit) {
  std::vector<Failure> rows;
  for (const json::Value row : input.rows[0].at(0)) {
    rows.push_back({row, count_of(row.at(3)), row.at(4)});
  }
  if (input.config.shards == 1) return rows;
  std::vector<Failure> sums;
  for (const uint32_t n : sorted_indices(rows.size(), &rows, by_error)) {
    if (sums.empty() || !same_failure(sums.back().row, rows[n].row)) {
      sums.push_back(rows[n]);
      continue;
    }
    sums.back().count += rows[n].count;
    if (time_of(rows[n].last_at) > time_of(sums.back().last_at)) sums.back().last_at = rows[n].last_at;
  }
  std::vector<Failure> out;
  for (const uint32_t n : sorted_indices(sums.size(), &sums, is_more_frequent)) {
    if (static_cast<int64_t>(out.size()) == limit) break;
    out.push_back(sums[n]);
  }
  return out;
}

}  // namespace

std::vector<json::Value> newest_letters(const Input& input, uint32_t at, uint32_t id, int64_t limit) {
  const json::Value rows = input.rows[0].at(0);
  std::vector<json::Value> out;
  if (input.config.shards == 1) {
    for (const json::Value row : rows) out.push_back(row);
    return out;
  }
  out = newest_first(rows, at, id);
  if (static_cast<int64_t>(out.size()) > limit) out.resize(static_cast<size_t>(limit));
  return out;
}

Step list_letters(const Input& input) {
  Page page = read_page(input);
  Step& step = page.step;
  if (step.reply.status != 0 || !step.plan.empty()) return std::move(page.step);
  const std::vector<json::Value> rows = newest_letters(input, letter::failed_at, letter::id, page.limit);
  step.reply.status = 200;
  json::Writer writer(step.reply.body);
  writer.begin_object().key("deadLetters");
  write_letters(writer, rows);
  if (static_cast<int64_t>(rows.size()) >= page.limit) {
    const json::Value last = rows.back();
    const LetterPlace place{time_of(last.at(letter::failed_at)), std::string(last.at(letter::id).text())};
    writer.key("nextCursor").string(write_place(place));
  }
  writer.end_object();
  return std::move(page.step);
}

Step dead_jobs(const Input& input) {
  Page page = read_page(input);
  Step& step = page.step;
  if (step.reply.status != 0 || !step.plan.empty()) return std::move(page.step);
  step.reply.status = 200;
  json::Writer writer(step.reply.body);
  write_letters(writer, newest_letters(input, letter::failed_at, letter::id, page.limit));
  return std::move(page.step);
}

Step one_letter(const Input& input) {
  Step step;
  const std::string_view id = input.control.find("id").text();
  const Look found = look_for(input, id, letter::id);
  if (!found.shards.empty()) {
    look_at(found, step);
    step.add(Sql::letters_one, {bind_id(id, step)});
    return step;
  }
  const json::Value row = found.row;
  if (!row) {
    step.reply = problem(404, "There is no such dead letter.");
    return step;
  }
  step.reply.status = 200;
  json::Writer writer(step.reply.body);
  write_letter(writer, row);
  return step;
}

Step list_failures(const Input& input) {
  Step step;
  std::vector<Fault> faults;
  int64_t limit = limits::kListLimitDefault;
  read_number(input.control, "limit", 1, limits::kListLimitMax, limit, faults);
  if (!faults.empty()) {
    step.reply = problem(422, "The filter is not valid.", faults);
    return step;
  }
  if (input.rows.empty()) {
    on_all(input.config, step);
    // What is rare on one shard may be frequent on all.
    const int64_t look = input.config.shards == 1 ? limit : limits::kFailuresLook;
    std::string text;
    json::Writer(text).begin_object().key("limit").integer(look).end_object();
    step.add(Sql::query_failures, {step.text(std::move(text))});
    return step;
  }
  step.reply.status = 200;
  json::Writer writer(step.reply.body);
  writer.begin_array();
  for (const auto& [row, count, last_at] : read_failures(input, limit)) {
    writer.begin_object().key("type").string_or_null(row.at(0).text());
    writer.key("error").string(row.at(2).text()).key("code").string(row.at(1).text());
    writer.key("count").integer(count).key("lastAt");
    write_time(writer, last_at);
    writer.end_object();
  }
  writer.end_array();
  return step;
}

}  // namespace sluice
