// Schedules: whatever a request, the calendar and D1's rows say, what is set is a schedule, and a tick that
// is run has come and is followed by a later one.
#include <algorithm>

#include "tests/fuzz/abi.h"
#include "tests/fuzz/flow_rows.h"

using namespace sluice::fuzz;

namespace {

constexpr const char* kPatterns[] = {"* * * * *", "0 9 * * MON-FRI", "*/5 * * * * *",
                                     "@daily",    " 0  0 1 1 * ",    ""};
constexpr const char* kZones[] = {"UTC", "Europe/Berlin", "Nowhere"};

template <size_t N>
const char* pick(Choices& in, const char* const (&list)[N]) {
  return list[in.below(N)];
}

// One call as shim/step.js makes it; the same call gives the same bytes.
Answer call(int32_t op, Tree control, const std::vector<std::string>& bodies,
            const std::vector<std::string>& rows) {
  control["now"] = kNow;
  control["seed"] = "000102030405060708090a0b0c0d0e0f";
  control["bodies"] = bodies.size();
  std::vector<std::string> frames = {control.dump()};
  frames.insert(frames.end(), bodies.begin(), bodies.end());
  frames.insert(frames.end(), rows.begin(), rows.end());
  const std::string input = framed(frames);
  const Answer answer = call_bytes(op, input);
  demand(call_bytes(op, input).bytes == answer.bytes, "the same call gives the same bytes");
  if (answer.code == SLUICE_OK) check_step(answer);
  return answer;
}

// What the n-th statement of a plan is bound to; null where the answer is no plan.
Tree bound(const Answer& answer, size_t n) {
  if (answer.code != SLUICE_OK) return nullptr;
  const Tree control = Tree::parse(answer.frames[0]);
  if (!control.contains("plan")) return nullptr;
  return Tree::parse(answer.frames[control["plan"][n][1][0].get<size_t>()]);
}

size_t fields_of(const std::string& cron) {
  size_t out = 0;
  for (const std::string_view part : split(cron, ' ')) out += part.empty() ? 0 : 1;
  return out;
}

void check_set(const Tree& set, const Tree& calendar) {
  demand(fields_of(set["cron"].get<std::string>()) == 5, "a pattern has five fields");
  demand(set["cron"] == calendar["cron"] && set["timezone"] == calendar["timezone"],
         "the calendar was shown the pattern");
  demand(set["next"].get<int64_t>() > 0, "there is a next tick");
  demand(set["priority"].get<int64_t>() >= 1 && set["priority"].get<int64_t>() <= 10,
         "a priority is from 1 to 10");
  const auto name = set["name"].get<std::string>();
  demand(!name.empty() && name.size() <= 50, "a name has 1 to 50 bytes");
  demand(is_json(set["payload"].get<std::string>()), "a payload is JSON");
}

// A row of schedule_list.sql or schedule_due.sql.
Tree row(Choices& in) {
  Tree out = {perhaps(in, in.text(9)),
              pick(in, kPatterns),
              pick(in, kZones),
              perhaps(in, pick(in, kTypes)),
              1 + in.below(10),
              perhaps(in, time_cell(in)),
              time_cell(in),
              kNow - 5000,
              kNow,
              "00000000000000aa",
              2,
              perhaps(in, "{\"a\":1}")};
  if (in.one_in(16)) out.erase(in.below(out.size()));
  return out;
}

void put(Choices& in, const std::string* raw) {
  Tree body = {{"cron", perhaps(in, pick(in, kPatterns))},
               {"type", perhaps(in, pick(in, kTypes))},
               {"payload", in.one_in(2) ? Tree{{"url", "https://e.example/"}} : wild(in)}};
  if (in.one_in(2)) body["timezone"] = perhaps(in, pick(in, kZones));
  if (in.one_in(2)) body["priority"] = perhaps(in, in.below(12));
  if (in.one_in(16)) body[in.text(9)] = wild(in);
  Tree calendar = {{"cron", body["cron"]}, {"timezone", body.value("timezone", Tree("UTC"))}, {"zone", true}};
  if (in.one_in(8)) calendar["zone"] = wild(in);
  if (in.one_in(8)) calendar["error"] = perhaps(in, in.text(20));
  calendar["next"] = perhaps(in, kNow + 60'000);
  if (in.one_in(16)) calendar["cron"] = wild(in);
  const Tree control = {{"name", perhaps(in, in.text(60))}, {"calendar", calendar}};
  const std::vector<std::string> bodies = {raw != nullptr ? *raw : body.dump()};
  const Tree set = bound(call(SLUICE_OP_SCHEDULE_PUT, control, bodies, {}), 0);
  if (set.is_null()) return;
  check_set(set, calendar);
  const Tree rows = {Tree::array(), Tree::array({row(in)})};
  (void)call(SLUICE_OP_SCHEDULE_PUT, control, bodies, {rows.dump()});
}

void run(Choices& in) {
  Tree list = Tree::array();
  for (size_t n = in.below(4); n > 0; --n) list.push_back(perhaps(in, row(in)));
  const Answer due = call(SLUICE_OP_SCHEDULES_DUE, Tree::object(), {}, {Tree::array({list}).dump()});
  if (due.code != SLUICE_OK) return;
  const std::string body = due.frames[Tree::parse(due.frames[0])["reply"]["frame"].get<size_t>()];
  Tree ticks = Tree::array();
  for (size_t n = 0; n < list.size(); ++n) {
    const Tree pair = {perhaps(in, kNow - static_cast<int64_t>(in.bits(2))), perhaps(in, kNow + 60'000)};
    ticks.push_back(in.one_in(6) ? Tree(nullptr) : pair);
  }
  const Tree control = {{"ticks", perhaps(in, ticks)}};
  const Tree kept = bound(call(SLUICE_OP_SCHEDULES_RUN, control, {body}, {}), 0);
  if (kept.is_null()) return;
  for (const Tree& tick : kept) {
    demand(tick[2].get<int64_t>() > 0 && tick[3].get<int64_t>() > tick[2].get<int64_t>(),
           "a later tick follows");
    demand(tick[5].get<std::string>() ==
               "tick:" + tick[0].get<std::string>() + ":" + std::to_string(tick[2].get<int64_t>()),
           "a tick has its key");
  }
  std::vector<std::string> ids;
  for (const Tree& tick : kept) ids.push_back(tick[4].get<std::string>());
  Rows rows(in, ids);
  const Answer plan = call(SLUICE_OP_SCHEDULES_RUN, control, {body}, {});
  const std::string stage = rows.stage(Tree::parse(plan.frames[0])["plan"], plan);
  (void)call(SLUICE_OP_SCHEDULES_RUN, control, {body}, {stage});
}

void look(Choices& in) {
  const Tree rows = Tree::array({Tree::array({row(in)})});
  const Tree control = {
      {"kind", in.one_in(2) ? "schedule" : "schedules"}, {"id", in.text(9)}, {"name", in.text(9)}};
  (void)call(SLUICE_OP_QUERY, control, {}, {rows.dump()});
  (void)call(SLUICE_OP_SCHEDULE_DELETE, control, {}, {rows.dump()});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const bool configured = (configure(), true);
  (void)configured;
  const std::string raw(reinterpret_cast<const char*>(data), size);
  Choices in(raw);
  put(in, nullptr);
  put(in, &raw);
  run(in);
  look(in);
  return 0;
}
