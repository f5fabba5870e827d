#include "views/letters.h"

#include "core/clock.h"
#include "core/letters.h"
#include "core/limits.h"
#include "core/present.h"
#include "core/record.h"
#include "core/reply.h"
#include "views/parameters.h"

namespace sluice {
namespace {

Step page_statements(const LetterPlace& place, int64_t limit) {
  Step step;
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
    out.step = page_statements(place, out.limit);
  }
  return out;
}

void write_letters(json::Writer& writer, json::Value rows) {
  writer.begin_array();
  for (const json::Value row : rows) write_letter(writer, row);
  writer.end_array();
}

}  // namespace

Step list_letters(const Input& input) {
  Page page = read_page(input);
  Step& step = page.step;
  if (step.reply.status != 0 || !step.plan.empty()) return std::move(page.step);
  const json::Value rows = input.rows[0].at(0);
  step.reply.status = 200;
  json::Writer writer(step.reply.body);
  writer.begin_object().key("deadLetters");
  write_letters(writer, rows);
  if (static_cast<int64_t>(rows.size()) >= page.limit) {
    const json::Value last = rows.at(rows.size() - 1);
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
  write_letters(writer, input.rows[0].at(0));
  return std::move(page.step);
}

Step one_letter(const Input& input) {
  Step step;
  if (input.rows.empty()) {
    step.add(Sql::letters_one, {bind_id(input.control.find("id").text(), step)});
    return step;
  }
  const json::Value row = input.row(0, 0);
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
    std::string text;
    json::Writer(text).begin_object().key("limit").integer(limit).end_object();
    step.add(Sql::query_failures, {step.text(std::move(text))});
    return step;
  }
  step.reply.status = 200;
  json::Writer writer(step.reply.body);
  writer.begin_array();
  for (const json::Value row : input.rows[0].at(0)) {
    writer.begin_object().key("type").string_or_null(row.at(0).text());
    writer.key("error").string(row.at(2).text()).key("code").string(row.at(1).text());
    writer.key("count").integer(count_of(row.at(3))).key("lastAt");
    write_time(writer, row.at(4));
    writer.end_object();
  }
  writer.end_array();
  return step;
}

}  // namespace sluice
