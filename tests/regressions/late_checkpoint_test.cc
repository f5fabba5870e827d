// A checkpoint whose failure had been reported, and which was committed all the same after the next one of
// its run, took the newer one's place: the next attempt went back to the older.
#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

namespace {

struct Keeper {
  World world;
  std::string id = world.enqueue();
  int64_t fence = 0;

  void take() {
    (void)world.take(id);
    ++fence;
  }
  Outcome keep(int64_t pulse, const std::string& data) {
    std::string control;
    json::Writer writer(control);
    writer.begin_object().key("runs").begin_array().begin_object().key("id").string(id);
    writer.key("fence").integer(fence).key("pulse").integer(pulse);
    writer.key("leaseUntil").integer(world.db.job_number(id, "lease_until")).key("frame").integer(0);
    writer.end_object().end_array().end_object();
    return world.drive(sluice::pulse, control, {data});
  }
  std::string kept() { return world.db.text("SELECT body FROM bodies WHERE kind = 'checkpoint'"); }
};

}  // namespace

TEST_CASE("A checkpoint that is committed late leaves a newer one alone", "[regression][pulse]") {
  Keeper keeper;
  keeper.take();
  (void)keeper.keep(1, R"({"page":1})");
  (void)keeper.keep(2, R"({"page":2})");
  keeper.world.now += 200000;
  const Outcome late = keeper.keep(1, R"({"page":1})");
  CHECK(keeper.kept() == R"({"page":2})");
  CHECK(late.step.aborts.empty());
  CHECK(late.reply()["leases"].size() == 1);
  (void)keeper.keep(3, R"({"page":3})");
  CHECK(keeper.kept() == R"({"page":3})");
}

TEST_CASE("The order of checkpoints is no clock's", "[regression][pulse]") {
  Keeper keeper;
  keeper.take();
  (void)keeper.keep(1, R"({"page":1})");
  keeper.world.now -= 5000;
  (void)keeper.keep(2, R"({"page":2})");
  CHECK(keeper.kept() == R"({"page":2})");
}

TEST_CASE("A checkpoint is kept by a step that is repeated, committed before or not", "[regression][pulse]") {
  const bool committed = GENERATE(false, true);
  Keeper keeper;
  keeper.take();
  (void)keeper.keep(1, R"({"page":1})");
  keeper.world.db.fail_next(std::string(kLost), committed, 2);
  const Outcome out = keeper.keep(2, R"({"page":2})");
  CHECK(out.round_trips == 3);
  CHECK(out.step.aborts.empty());
  CHECK(keeper.kept() == R"({"page":2})");
}

TEST_CASE("The first checkpoint of a lease is newer than the last of the lease before",
          "[regression][pulse]") {
  Keeper keeper;
  keeper.take();
  (void)keeper.keep(180, R"({"page":180})");
  keeper.world.now += 2000000;
  (void)keeper.world.sweep();
  keeper.take();
  (void)keeper.keep(1, R"({"page":181})");
  CHECK(keeper.kept() == R"({"page":181})");
}
