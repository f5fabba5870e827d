// Frames: there and back, and nothing but whole frames is read.
#include "abi/codec.h"

#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

namespace {

std::vector<std::string> frames_of(const std::string& bytes) {
  std::vector<std::string_view> views;
  REQUIRE(abi::read_frames(bytes, views));
  return {views.begin(), views.end()};
}

}  // namespace

TEST_CASE("Frames of any bytes come back", "[codec]") {
  Entropy dice(1, 1);
  for (int i = 0; i < 500; ++i) {
    std::vector<std::string> texts(dice.below(6));
    for (std::string& text : texts) {
      text.resize(dice.below(300));
      for (char& c : text) c = static_cast<char>(dice.below(256));
    }
    std::string bytes;
    abi::write_frames({texts.begin(), texts.end()}, bytes);
    CHECK(frames_of(bytes) == texts);
  }
}

TEST_CASE("Lengths are 32 bits, little-endian", "[codec]") {
  std::string bytes = "old";
  abi::write_frames({"ab"}, bytes);
  CHECK(bytes == std::string("\x01\0\0\0\x02\0\0\0ab", 10));
}

TEST_CASE("Bytes that are cut, too many, or lie about their lengths are refused", "[codec]") {
  std::string whole;
  abi::write_frames({"abc", "", "de"}, whole);
  std::vector<std::string_view> views;
  for (size_t n = 0; n < whole.size(); ++n)
    CHECK_FALSE(abi::read_frames(std::string_view(whole).substr(0, n), views));
  CHECK_FALSE(abi::read_frames(whole + "x", views));
  CHECK_FALSE(abi::read_frames(std::string("\xff\xff\xff\xff", 4), views));
  CHECK_FALSE(abi::read_frames(std::string("\x01\0\0\0\xff\xff\xff\xff", 8), views));
  CHECK_FALSE(abi::read_frames(std::string("\x01\0\0\0\xfc\xff\xff\xff"
                                           "abcd",
                                           12),
                               views));
  CHECK(abi::read_frames(std::string("\0\0\0\0", 4), views));
  CHECK(views.empty());
}

TEST_CASE("A plan is written with its statements, parameters and texts", "[codec]") {
  Step step;
  const uint32_t a = step.text("first");
  const uint32_t b = step.text("second");
  step.add(Sql::claim_count, {b, a});
  step.add(Sql::claim_payloads, {a}, true);
  std::string bytes;
  abi::write_step(step, bytes);
  const std::vector<std::string> frames = frames_of(bytes);
  CHECK(frames ==
        std::vector<std::string>{R"({"plan":[[)" + std::to_string(static_cast<int>(Sql::claim_count)) +
                                     ",[2,1],false],[" +
                                     std::to_string(static_cast<int>(Sql::claim_payloads)) + ",[1],true]]}",
                                 "first", "second"});
}

TEST_CASE("A plan is written with what follows where its rows are the expected ones", "[codec]") {
  Step step;
  step.add(Sql::admit_state, {step.text("heads")});
  step.expect = "[[1]]";
  step.expected = std::make_unique<Step>();
  step.expected->sends.push_back({"JOB_QUEUE", "body", 7});
  step.expected->reply = {201, 0, "answer"};
  step.carry = {"carried"};
  std::string bytes;
  abi::write_step(step, bytes);
  CHECK(frames_of(bytes) ==
        std::vector<std::string>{R"({"plan":[[)" + std::to_string(static_cast<int>(Sql::admit_state)) +
                                     R"(,[1],false]],"expect":2,"expected":{"sends":[["JOB_QUEUE",3,7]],)"
                                     R"("reply":{"status":201,"frame":4}},"carry":[5]})",
                                 "heads", "[[1]]", "body", "answer", "carried"});
}

TEST_CASE("An outcome is written with all that follows from it, and nothing else", "[codec]") {
  Step step;
  std::string bytes;
  abi::write_step(step, bytes);
  CHECK(frames_of(bytes) == std::vector<std::string>{"{}"});

  step.sends.push_back({"JOB_QUEUE", "body", 7});
  step.marks.push_back({2, true, 30});
  step.runs = {R"({"id":1})", R"({"id":2})"};
  step.tokens = {"[1]", "[2]"};
  step.records = {"{}", R"({"n":2})"};
  step.aborts.emplace_back("1");
  step.alerts.emplace_back("2");
  step.logs.emplace_back("3");
  step.reply = {503, 5, "answer"};
  step.again_ms = 0;
  step.bisect = true;
  step.more = true;
  abi::write_step(step, bytes);
  CHECK(frames_of(bytes) ==
        std::vector<std::string>{
            R"({"sends":[["JOB_QUEUE",1,7]],"marks":[[2,true,30]],"runs":[{"id":1},{"id":2}],)"
            R"("tokens":2,"records":3,"aborts":[1],"alerts":[2],"logs":[3],"reply":{"status":503,)"
            R"("retryAfter":5,"frame":4},"againMs":0,"bisect":true,"more":true})",
            "body", "[1]\n[2]", "{}\n{\"n\":2}", "answer"});
}
