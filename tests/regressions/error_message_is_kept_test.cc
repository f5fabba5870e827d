// The index of a result's message and the text of its error had one name, so every error lost its text.
#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

TEST_CASE("An error's text is kept, and its result marks its own message", "[regression][settle]") {
  World world;
  const std::string a = world.enqueue();
  const std::string b = world.enqueue();
  const std::vector<std::string> runs = {world.take(a), world.take(b)};
  const Outcome out =
      world.settle({World::result(runs[0], R"("kind":"ok","frame":0)", 0),
                    World::result(runs[1], R"("kind":"error","code":"e","message":"Why.")", 1)},
                   {"1"});
  CHECK(world.db.job(b, "last_error ->> 'message'") == "Why.");
  CHECK(out.mark(0) == "ack");
  CHECK(out.mark(1) == "retry 1");
}
