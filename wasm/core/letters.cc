#include "core/letters.h"

#include "core/clock.h"
#include "core/id.h"
#include "core/limits.h"
#include "core/parameters.h"
#include "core/present.h"
#include "core/record.h"
#include "core/reply.h"

namespace sluice {
namespace {

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

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

void write_size(json::Writer& writer, json::Value cell) {
  writer.raw(cell.is(json::Kind::number) ? cell.raw() : "null");
}

}  // namespace

// Ids of messages hold what a URL's query does not: they travel as "x" and hexadecimal digits.
std::string write_place(const LetterPlace& place) {
  std::string out = std::to_string(place.at) + ".";
  if (is_id(place.id)) return out.append(place.id);
  out += 'x';
  for (const char c : place.id) out += hex(static_cast<unsigned char>(c), 2);
  return out;
}

bool read_place(std::string_view text, LetterPlace& out) {
  const size_t dot = text.find('.');
  if (dot == 0 || dot > 15) return false;
  int64_t at = 0;
  for (const char c : text.substr(0, dot)) {
    if (c < '0' || c > '9') return false;
    at = at * 10 + (c - '0');
  }
  const std::string_view id = text.substr(dot + 1);
  if (!is_id(id) && (id.size() < 3 || id.size() % 2 == 0 || id[0] != 'x')) return false;
  LetterPlace place{at, is_id(id) ? std::string(id) : ""};
  for (size_t i = 1; place.id.size() * 2 + 1 < id.size() && !is_id(id); i += 2) {
    const int high = digit(id[i]);
    const int low = digit(id[i + 1]);
    // Ids are ASCII; anything else is no cursor of ours.
    if (high < 0 || high > 7 || low < 0 || high + low == 0) return false;
    place.id += static_cast<char>(high * 16 + low);
  }
  out = std::move(place);
  return true;
}

void write_letter(json::Writer& writer, json::Value row, uint32_t first) {
  const auto raw = [&](letter::Column column) { return row.at(first + column).raw(); };
  writer.begin_object().key("id").raw(raw(letter::id)).key("jobId").raw(raw(letter::job_id));
  writer.key("type").raw(raw(letter::type)).key("queue").raw(raw(letter::queue));
  writer.key("attempts").raw(raw(letter::attempts)).key("maxAttempts").raw(raw(letter::max_attempts));
  writer.key("lastError").raw(raw(letter::last_error)).key("failedAt");
  write_time(writer, row.at(first + letter::failed_at));
  writer.key("archivedAt");
  write_time(writer, row.at(first + letter::buried_at));
  if (first == 0) {
    writer.key("payload");
    write_body(writer, row.at(letter::payload));
    writer.key("payloadSize");
    write_size(writer, row.at(letter::payload_size));
  }
  writer.key("body").raw(raw(letter::body)).key("bodySize");
  write_size(writer, row.at(first + letter::body_size));
  writer.end_object();
}

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
