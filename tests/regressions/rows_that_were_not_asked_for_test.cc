// A caller that hands back more rows than the plan has heads once made the core read behind its lists.
#include <catch2/catch.hpp>

#include "tests/core/world.h"

TEST_CASE("Rows that were not asked for are not read", "[regression]") {
  const auto config = sluice::test::make_config();
  const std::string body = sluice::test::World::wake("0199aaaa-0000-7000-8000-000000000000");
  sluice::json::Document control;
  sluice::json::Document rows;
  REQUIRE(!control.parse(R"({"queue":"background-jobs","messages":[{"id":"m","attempts":1}]})"));
  REQUIRE(!rows.parse(R"([[],[],[[["x"],["x"],["x"]]]])"));
  const sluice::Input input{
      *config, control.root(), 1, sluice::Entropy(1, 2), {body}, {rows.root()}, false, {}, 0};
  const sluice::Step step = sluice::claim(input);
  CHECK(step.runs.empty());
  CHECK(step.marks.size() == 1);
}
