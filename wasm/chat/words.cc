#include "chat/words.h"

#include <vector>

namespace sluice::chat {
namespace {

struct Group {
  uint32_t flags;
  const char* words;  // separated by single spaces
};

// A word may stand in several groups; its flags add up.
constexpr Group kGroups[] = {
    {kHotel,
     "hotel hotels hostel hostels motel motels accommodation accommodations accomodation accomodations "
     "lodging lodgings resort resorts b&b b&bs bnb bnbs airbnb airbnbs guesthouse guesthouses riad riads "
     "ryokan ryokans parador paradors inn inns hostal lodge lodges aparthotel campsite campsites glamping"},
    {kRoom,
     "room rooms suite suites apartment apartments flat villa villas cottage cottages chalet chalets cabin "
     "cabins bungalow bungalows"},
    {kFlight, "flight flights airfare airfares"},
    {kFly, "fly flying"},
    {kAttraction,
     "attraction attractions sights sightseeing landmarks museums galleries monuments activities excursions "
     "tours beaches castles viewpoints temples hikes zoos ruins waterfalls wineries vineyards must-sees "
     "mustsees"},
    {kAsk | kHead,
     "find search show list compare recommend suggest check recheck re-check need want book get give fetch "
     "scrape crawl pull grab reserve send gimme wanna help tell look let lets let's any locate retrieve "
     "quote"},
    {kAsk,
     "searching looking hunting needs needing wants please pls plz bitte ideas recommendations "
     "suggestions recommendation suggestion compares options"},
    {kNegative,
     "not don't dont do'nt never no without neither nobody none doesn't doesnt didn't didnt can't cant "
     "cannot "
     "won't wont haven't havent hasn't hasnt isn't isnt aren't arent wasn't wasnt needn't shouldn't wouldn't "
     "couldn't couldnt "
     "stop avoid nothing"},
    {kCancel, "cancel forget remove delete skip ignore stop scrap drop nevermind exclude except"},
    {kStatement,
     "stayed stays had have has having was were been booked visited flew flown went took taken saw seen "
     "loved love loves hate hates hated enjoyed work works worked working live lives lived own owns runs ran "
     "staying arrived found chose got missed left reserved spent landed returned prefer says said "
     "likes liked remember afraid designed looked"},
    {kTalk,
     "told asked thought used why difference explain article if who whose "
     "tried wrote song film movie joke"},
    {kFinite,
     "is are was were has have had looked looks leaves left landed seems seem seemed got get gets closed "
     "opens will should can did does do charge charges were're isn't aren't wasn't weren't became went "
     "takes sucks rocks made"},
    {kSubject,
     "i we he she they it you i'm im i've ive we've weve we're i'd we'd i'll we'll they're he's she's it's "
     "my our his her their your my wife husband daughter son friend brother sister somebody someone everyone "
     "nobody people"},
    {kPointer, "the my our his her their your this that these those its"},
    {kSuperlative, "best cheapest top nicest nearest finest greatest coolest closest"},
    {kHead,
     "i i'm im i'd i'll i've we we're we'd we'll we've can could would please pls what what's whats which "
     "how "
     "where just now let my our don't dont never forget cancel also are is any maybe perhaps open read visit "
     "summarise summarize extract monitor track why they he she it you it's not nothing thanks thank "
     "second third then later"},
    {kBreak, "but because though although however anyway whereas so then otherwise cause cuz"},
    {kStop,
     "for from to on in at with without under below above over next this that which who where when while and "
     "or but please pls plz bitte near by until till between during before after around about than as asap "
     "tomorrow tonight today now urgent urgently immediately immediatly immediatley quickly soon hurry if so "
     "because since is are was were be been has have had do does did can could would should will shall may "
     "might must i i'm im i'd i'll i've we we're we'd we'll we've you he she they it it's its my our your me "
     "us them there here thanks thank thx ty cheers right away one two three four five six seven eight nine "
     "ten couple a an the any some all no not yet january february march april june july august september "
     "october november december jan feb mar apr jun jul aug sep sept oct nov dec monday tuesday wednesday "
     "thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun mondays fridays weekend "
     "weekends week weeks month months night nights day days year years morning afternoon evening spring "
     "summer autumn winter fall christmas easter carnival halloween per max maximum approx including "
     "included "
     "includes breakfast pool wifi wi-fi parking spa sauna gym garden back return returning leaving "
     "departing "
     "arriving starting staying close far via then also too instead only just really adults adult kids "
     "children child people persons person guests budget price prices cheap cheaper cheapest find show book "
     "need want looking look get give search check compare what what's how why let tell take takes cost "
     "costs "
     "go goes going come see visit visiting stay stayed open free available everything anything something "
     "someone lol haha early late later last first second third direct nonstop non-stop round roundtrip "
     "one-way oneway ok okay yes mate guys sir madam hi hello hey euro euros eur usd gbp dollars pounds "
     "bucks "
     "leave depart arrive cancelled canceled delayed u ur no-one whatever somewhere anywhere nearby flight "
     "flights hotel hotels hostel hostels museums attractions things during whenever preferably ideally "
     "maybe "
     "perhaps more less most least very quite also be being called named"},
    {kGeneric,
     "city town center centre heart middle downtown beach beaches sea seaside ocean coast mountains mountain "
     "station airport area region district neighbourhood neighborhood neighborhoods village country "
     "countryside world old-town quarter outskirts middle river harbour harbor port lake park "
     "island islands suburbs place places location north south east west side general advance total mind "
     "time "
     "order order fact case particular person private public work home school university office fair venue "
     "stadium hospital arena conference convention castle cathedral palace market mall border border forest "
     "woods hills valley slopes lifts ski metro subway train bus tram underground main central hauptbahnhof "
     "range rating stars star balcony view views moon life hall bar lobby cold emergency bed touch shape "
     "contact"},
    {kModifier,
     "cheap good nice great best cheapest top nicest affordable budget luxury luxurious boutique small big "
     "large cosy cozy clean quiet central family romantic modern decent pet-friendly dog-friendly "
     "family-friendly kid-friendly pet friendly fancy lovely beautiful direct nonstop non-stop one-way "
     "business economy class first last-minute lastminute return round-trip roundtrip international domestic "
     "local popular famous main tourist some any other another more few 3-star 4-star 5-star three-star "
     "four-star five-star star spa beach beachfront seaside ski airport city eco hilton marriott hyatt ibis "
     "accor sheraton radisson novotel mercure holiday best western fun cool free unusual hidden must "
     "guided walking boat food day long short connecting early late night overnight weekend summer winter "
     "double single twin a an the of need find show list get book want search compare check grand high-end "
     "mid-range historic all-inclusive adults-only wellness thermal hi hello please cheaper available "
     "nearby"},
    {kConnector,
     "de del della delle di da do dos das du des la las los le les el al am an der den im ob auf bei upon "
     "sur "
     "sous en of y van von zu und les-bains aan ter na nad"},
    {kPlaceBefore, "in near around within inside nearby outside close beside towards"},
    {kLoosePlace, "for at of on by from"},
    {kTravel,
     "going go travelling traveling travel visiting visit trip holiday vacation honeymoon flying heading "
     "driving moving spending arriving arrive days weekend week i'm we're im we'll i'll coming getaway city "
     "break land landing stuck stranded passing"},
    {kFetch,
     "open read visit summarise summarize extract monitor track parse download analyse analyze translate see "
     "thoughts opinion do scraping needs watch review verify inspect load go run what what's whats whether "
     "interested cost costs much price do can could available tell"},
    {kOwn,
     "posted shared founded according fyi my our i'm im built made own owner love loves loved booked use "
     "used usually work was were yesterday "
     "already thanks thank helpful fine works worked reach contact prefix wrote run published cheers"},
    {kPast, "yesterday ago once formerly previously"},
    {kFiller,
     "search prices price deals deal booking bookings room rooms options option offers offer availability "
     "rates rate tickets ticket ideas recommendations tips wanted needed required please pls in"},
    {kAbbreviation, "st ste mt ft dr mr mrs ms vs approx sta nr incl"},
    {kPage, "it this that them these those page site link website url one both"},
    {kLandmarkBefore, "near beside opposite overlooking with nearby towards"},
};

// Well-known places; bounded by '|' so that a look-up is one substring search.
constexpr std::string_view kPlaces =
    "|amsterdam|antwerp|athens|auckland|austin|bali|bangkok|barcelona|bari|basel|bath|beijing|beirut|"
    "belfast|belgrade|bergen|berlin|bern|bilbao|birmingham|bogota|bogotá|bologna|bombay|bonn|bordeaux|"
    "boston|bratislava|bremen|brighton|brisbane|bristol|bruges|brussels|bucharest|budapest|buenos aires|"
    "cadiz|cádiz|cairo|cambridge|cancun|cancún|cannes|cape town|cardiff|casablanca|chennai|chicago|cologne|"
    "copenhagen|cordoba|córdoba|corfu|cork|costa rica|crete|cuba|cusco|cyprus|dallas|delhi|denver|detroit|"
    "doha|dresden|dubai|dublin|dubrovnik|düsseldorf|dusseldorf|easter island|edinburgh|faro|florence|"
    "firenze|frankfurt|galway|gdansk|gdańsk|geneva|genoa|ghent|gibraltar|glasgow|goa|gothenburg|granada|"
    "graz|hamburg|hanoi|hanover|hannover|havana|heidelberg|helsinki|hong kong|honolulu|houston|ibiza|"
    "innsbruck|istanbul|izmir|jakarta|jerusalem|johannesburg|kathmandu|kiel|kiev|kyiv|köln|krakow|kraków|"
    "kuala lumpur|kyoto|lagos|las vegas|lausanne|leeds|leipzig|lille|lima|linz|lisbon|lisboa|liverpool|"
    "ljubljana|london|los angeles|lucerne|lugano|luxembourg|lyon|madeira|madrid|malaga|málaga|maldives|"
    "mallorca|malta|manchester|manila|marbella|marrakech|marrakesh|marseille|mauritius|melbourne|menorca|"
    "mexico city|miami|milan|milano|monaco|montreal|moscow|mumbai|munich|münchen|muenchen|mykonos|nairobi|"
    "nantes|naples|napoli|new delhi|new orleans|new york|new york city|nyc|nice|nuremberg|nürnberg|orlando|"
    "osaka|oslo|oxford|palermo|palma|paris|perth|phuket|pisa|porto|portland|prague|praha|pristina|quebec|"
    "quito|reykjavik|reykjavík|rhodes|riga|rimini|rio de janeiro|rome|roma|rotterdam|salzburg|san diego|"
    "san francisco|san sebastian|san sebastián|santiago|santorini|sao paulo|são paulo|sarajevo|sardinia|"
    "savannah|seattle|seoul|seville|sevilla|shanghai|siena|sicily|singapore|skopje|sofia|split|stockholm|"
    "strasbourg|stuttgart|sydney|taipei|tallinn|tampa|tangier|tbilisi|tel aviv|tenerife|thessaloniki|"
    "tirana|tokyo|toronto|toulouse|trieste|tunis|turin|torino|utrecht|valencia|vancouver|venice|venezia|"
    "verona|vienna|wien|vilnius|warsaw|washington|wellington|york|zagreb|zanzibar|zurich|zürich|";

constexpr std::string_view kRegions =
    "|albania|algeria|andorra|argentina|armenia|australia|austria|azerbaijan|bahamas|bahrain|bangladesh|"
    "barbados|belarus|belgium|belize|bhutan|bolivia|bosnia and herzegovina|botswana|brazil|bulgaria|"
    "cambodia|canada|cape verde|chile|china|colombia|costa rica|croatia|cuba|cyprus|czech republic|czechia|"
    "denmark|dominican republic|ecuador|egypt|el salvador|england|estonia|ethiopia|fiji|finland|france|"
    "georgia|germany|ghana|greece|guatemala|honduras|hungary|iceland|india|indonesia|iran|iraq|ireland|"
    "israel|italy|jamaica|japan|jordan|kazakhstan|kenya|kosovo|kuwait|laos|latvia|lebanon|liechtenstein|"
    "lithuania|luxembourg|madagascar|malaysia|maldives|malta|mauritius|mexico|moldova|monaco|mongolia|"
    "montenegro|morocco|mozambique|myanmar|namibia|nepal|netherlands|new zealand|nicaragua|nigeria|"
    "north macedonia|northern ireland|norway|oman|pakistan|panama|paraguay|peru|philippines|poland|"
    "portugal|qatar|romania|russia|rwanda|saudi arabia|scotland|senegal|serbia|seychelles|singapore|"
    "slovakia|slovenia|south africa|south korea|spain|sri lanka|sweden|switzerland|taiwan|tanzania|"
    "thailand|tunisia|turkey|türkiye|uae|uganda|uk|ukraine|united kingdom|united states|uruguay|us|usa|"
    "uzbekistan|venezuela|vietnam|wales|zambia|zimbabwe|alabama|alaska|arizona|arkansas|california|"
    "colorado|connecticut|delaware|florida|hawaii|idaho|illinois|indiana|iowa|kansas|kentucky|louisiana|"
    "maine|maryland|massachusetts|michigan|minnesota|mississippi|missouri|montana|nebraska|nevada|"
    "new hampshire|new jersey|new mexico|north carolina|north dakota|ohio|oklahoma|oregon|pennsylvania|"
    "rhode island|south carolina|south dakota|tennessee|texas|utah|vermont|virginia|wisconsin|wyoming|"
    "bavaria|tuscany|catalonia|andalusia|provence|brittany|normandy|sicily|ontario|quebec|british columbia|"
    "queensland|";

constexpr std::string_view kDoubleNames =
    "|bosnia and herzegovina|trinidad and tobago|antigua and barbuda|turks and caicos|"
    "turks and caicos islands|saint kitts and nevis|st kitts and nevis|tyne and wear|"
    "newfoundland and labrador|brighton and hove|saint vincent and the grenadines|sao tome and principe|";

bool listed(std::string_view list, std::string_view name) {
  if (name.empty() || name.find('|') != std::string_view::npos) return false;
  for (size_t at = list.find(name); at != std::string_view::npos; at = list.find(name, at + 1)) {
    if (list[at - 1] == '|' && list[at + name.size()] == '|') return true;
  }
  return false;
}

// Open-addressing table over kGroups, filled once: look-ups are made for every word of a message.
class Vocabulary {
 public:
  Vocabulary() : slots_(kSlots) {
    for (const Group& group : kGroups) {
      const std::string_view words = group.words;
      for (size_t from = 0; from < words.size();) {
        size_t to = words.find(' ', from);
        if (to == std::string_view::npos) to = words.size();
        Slot& slot = slots_[place_of(words.substr(from, to - from))];
        slot.word = words.substr(from, to - from);
        slot.flags |= group.flags;
        from = to + 1;
      }
    }
  }

  [[nodiscard]] uint32_t find(std::string_view word) const { return slots_[place_of(word)].flags; }

 private:
  struct Slot {
    std::string_view word;
    uint32_t flags = 0;
  };
  static constexpr size_t kSlots = 4096;  // a power of two, over three times the number of words

  // The slot that holds `word`, or the free one where it belongs.
  [[nodiscard]] size_t place_of(std::string_view word) const {
    uint32_t hash = 2166136261U;  // FNV-1a
    for (const char c : word) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    size_t at = hash & (kSlots - 1);
    while (!slots_[at].word.empty() && slots_[at].word != word) at = (at + 1) & (kSlots - 1);
    return at;
  }

  std::vector<Slot> slots_;
};

// Whether `typed` is `meant` with one letter missing, one too many, or two neighbours swapped, the first
// letter being right.
bool is_slip_of(std::string_view typed, std::string_view meant) {
  if (typed.empty() || typed[0] != meant[0]) return false;
  size_t head = 0;
  while (head < typed.size() && head < meant.size() && typed[head] == meant[head]) ++head;
  if (typed.size() == meant.size()) {
    return head + 1 < meant.size() && typed[head] == meant[head + 1] && typed[head + 1] == meant[head] &&
           typed.substr(head + 2) == meant.substr(head + 2);
  }
  if (typed.size() + 1 == meant.size()) return typed.substr(head) == meant.substr(head + 1);
  if (typed.size() == meant.size() + 1) return typed.substr(head + 1) == meant.substr(head);
  return false;
}

uint32_t flags_of_misspelt(std::string_view word) {
  struct Noun {
    std::string_view word;
    uint32_t flags;
  };
  static constexpr Noun kNouns[] = {
      {"hotel", kHotel},   {"hotels", kHotel},   {"accommodation", kHotel},   {"accomodation", kHotel},
      {"flight", kFlight}, {"flights", kFlight}, {"attraction", kAttraction}, {"attractions", kAttraction},
  };
  if (word.size() < 4 || word.size() > 15 || word == "fight" || word == "fights") return 0;
  for (const Noun& noun : kNouns) {
    if (is_slip_of(word, noun.word)) return noun.flags | kStop;
  }
  return 0;
}

}  // namespace

uint32_t flags_of(std::string_view word) {
  static const Vocabulary vocabulary;
  const uint32_t flags = vocabulary.find(word);
  return flags != 0 ? flags : flags_of_misspelt(word);
}

bool is_known_place(std::string_view name) {
  return listed(kPlaces, name) || (name.size() > 3 && is_region(name));
}

bool is_region(std::string_view name) { return listed(kRegions, name); }

bool is_double_name(std::string_view name) { return listed(kDoubleNames, name); }

}  // namespace sluice::chat
