//! A generated catalogue: the JSON that a udata of any size would send, the same for the same seed.

mod random;
mod serve;
mod words;

use random::Random;
pub use serve::serve_world;

/// A catalogue of so many datasets, each of about 7 kB of JSON with five resources.
///
/// It has generations. In each one after the first, a hundredth of the datasets is another than in the one before:
/// their description changed and their dates are later. Everything else stays byte for byte as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct World {
    pub datasets: u64,
    pub seed: u64,
}

/// The order of a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Order {
    /// By creation, which is by number.
    Created,
    /// What changed last comes first.
    LastUpdate,
}

const RESOURCES: u64 = 5;
/// One dataset in so many changes in each generation.
const CHANGING: u64 = 100;
/// Datasets of one organisation.
const OF_ONE_ORGANISATION: u64 = 20;

impl World {
    pub fn new(datasets: u64, seed: u64) -> Self {
        Self { datasets, seed }
    }

    /// The generation in which the dataset changed last, up to the given one.
    pub fn version(&self, index: u64, generation: u32) -> u32 {
        (1..=generation)
            .rev()
            .find(|generation| {
                let turn = Random::new(self.seed, u64::from(*generation)).next() % CHANGING;
                index % CHANGING == turn
            })
            .unwrap_or(0)
    }

    /// The page (from 1) of a listing, whole, as the API sends it. `url` is the address of the listing.
    pub fn page(
        &self,
        page: u64,
        page_size: u64,
        generation: u32,
        order: Order,
        url: &str,
    ) -> Vec<u8> {
        let mut body = self.page_data(page, page_size, generation, order);
        self.page_tail(page, page_size, order, url, &mut body);
        body
    }

    /// The part of a page that is the same wherever it is served: `{"data":[…]`.
    fn page_data(&self, page: u64, page_size: u64, generation: u32, order: Order) -> Vec<u8> {
        let start = page.saturating_sub(1).saturating_mul(page_size);
        let end = start.saturating_add(page_size).min(self.datasets);
        let count = usize::try_from(end.saturating_sub(start)).unwrap_or(0);
        let mut body = Vec::with_capacity(64 + count * 8 * 1024);
        body.extend_from_slice(b"{\"data\":[");
        let indices: Box<dyn Iterator<Item = u64>> = match order {
            Order::Created => Box::new(start..end),
            Order::LastUpdate => Box::new(
                self.by_last_update(generation)
                    .skip(usize::try_from(start).unwrap_or(usize::MAX))
                    .take(count),
            ),
        };
        for (at, index) in indices.enumerate() {
            if at > 0 {
                body.push(b',');
            }
            self.write_dataset(index, generation, &mut body);
        }
        body.push(b']');
        body
    }

    fn page_tail(&self, page: u64, page_size: u64, order: Order, url: &str, body: &mut Vec<u8>) {
        let sort = match order {
            Order::Created => "",
            Order::LastUpdate => "&sort=-last_update",
        };
        let link = |page: u64| format!("\"{url}?page={page}&page_size={page_size}{sort}\"");
        let next = if page.saturating_mul(page_size) < self.datasets {
            link(page + 1)
        } else {
            "null".to_owned()
        };
        let previous = if page > 1 {
            link(page - 1)
        } else {
            "null".to_owned()
        };
        let total = self.datasets;
        body.extend_from_slice(
            format!(
                ",\"next_page\":{next},\"page\":{page},\"page_size\":{page_size},\"previous_page\":{previous},\"total\":{total}}}"
            )
            .as_bytes(),
        );
    }

    /// The later the generation of its change, the later its date; else the greater its number.
    fn by_last_update(&self, generation: u32) -> impl Iterator<Item = u64> {
        let world = *self;
        (0..=generation).rev().flat_map(move |version| {
            (0..world.datasets)
                .rev()
                .filter(move |index| world.version(*index, generation) == version)
        })
    }

    /// One dataset.
    pub fn write_dataset(&self, index: u64, generation: u32, out: &mut Vec<u8>) {
        let version = self.version(index, generation);
        Writer {
            random: Random::new(self.seed, 0x0064_6174_6173_6574 ^ (index << 20)),
            out,
            index,
            organisation: index / OF_ONE_ORGANISATION,
            version,
            seed: self.seed,
        }
        .dataset();
    }
}

struct Writer<'o> {
    random: Random,
    out: &'o mut Vec<u8>,
    index: u64,
    organisation: u64,
    version: u32,
    seed: u64,
}

impl Writer<'_> {
    fn put(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn number(&mut self, mut number: u64) {
        let mut digits = [b'0'; 20];
        let mut at = digits.len();
        loop {
            at -= 1;
            if let Some(digit) = digits.get_mut(at) {
                *digit = b'0' + u8::try_from(number % 10).unwrap_or(0);
            }
            number /= 10;
            if number == 0 || at == 0 {
                break;
            }
        }
        self.out
            .extend_from_slice(digits.get(at..).unwrap_or_default());
    }

    fn two_digits(&mut self, number: u64) {
        if number < 10 {
            self.put("0");
        }
        self.number(number);
    }

    /// So many hexadecimal digits, at most 16, of a number.
    fn hex(&mut self, number: u64, digits: u32) {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        for shift in (0..digits).rev() {
            let digit = (number >> (4 * (shift % 16))) & 15;
            self.out.push(HEX[usize::try_from(digit).unwrap_or(0)]);
        }
    }

    fn pick(&mut self, words: &'static [&'static str]) -> &'static str {
        self.random.pick::<&'static str>(words)
    }

    /// The identifier of the dataset: 24 hexadecimal digits, as MongoDB gives them.
    fn id(&mut self, kind: u64, index: u64) {
        let number = Random::new(self.seed ^ kind, index).next();
        self.hex(number, 16);
        self.hex(index, 8);
    }

    /// The time when the dataset was made: in the order of the numbers, 25 a day.
    fn created(&mut self) {
        self.day(self.index / 25);
        self.time((self.index % 25) * 3_000);
    }

    /// A time of that day.
    fn any_time(&mut self) {
        self.day(self.index / 25);
        let second = self.random.next() % 86_400;
        self.time(second);
    }

    /// A day that is the later, the greater the number.
    fn day(&mut self, day: u64) {
        self.put("20");
        self.two_digits(12 + (day / 336) % 12);
        self.put("-");
        self.two_digits(1 + (day / 28) % 12);
        self.put("-");
        self.two_digits(1 + day % 28);
    }

    fn time(&mut self, second: u64) {
        self.put("T");
        self.two_digits(second / 3_600);
        self.put(":");
        self.two_digits((second / 60) % 60);
        self.put(":");
        self.two_digits(second % 60);
        self.put(".000000+00:00");
    }

    /// The time of the last change: in the order of the numbers, then of the generations.
    fn last_update(&mut self) {
        if self.version == 0 {
            self.put("2024-");
            self.two_digits(1 + (self.index / 2_419_200) % 12);
            self.put("-");
            self.two_digits(1 + (self.index / 86_400) % 28);
        } else {
            self.put("2025-");
            self.two_digits(1 + (u64::from(self.version) / 28) % 12);
            self.put("-");
            self.two_digits(1 + u64::from(self.version) % 28);
        }
        self.time(self.index % 86_400);
    }

    fn slug(&mut self) {
        self.put("jeu-");
        self.number(self.index);
    }

    fn dataset(mut self) {
        let (theme, place) = (self.pick(&words::THEMES), self.pick(&words::PLACES));
        self.put("{\"acronym\":null,\"archived\":null,\"badges\":[],\"contact_points\":[");
        if self.random.one_in(3) {
            self.contact();
        }
        self.put("],\"created_at\":\"");
        self.created();
        self.put("\",\"deleted\":null,\"description\":\"");
        self.description(theme, place);
        self.put("\",\"extras\":{},\"featured\":false,\"frequency\":\"");
        let frequency = self.pick(&words::FREQUENCIES);
        self.put(frequency);
        self.put("\",\"frequency_date\":null,\"harvest\":");
        self.harvest();
        self.put(",\"id\":\"");
        self.id(1, self.index);
        self.put("\",\"internal\":{\"created_at_internal\":\"2024-01-01T00:00:00.000000+00:00\",\"last_modified_internal\":\"");
        self.last_update();
        self.put("\"},\"last_modified\":\"");
        self.last_update();
        self.put("\",\"last_update\":\"");
        self.last_update();
        self.put("\",\"license\":\"");
        let licence = self.pick(&words::LICENCES);
        self.put(licence);
        self.put("\",\"metrics\":{\"discussions\":0,\"followers\":1,\"reuses\":0,\"views\":12},\"organization\":");
        self.organisation();
        self.put(",\"owner\":null,\"page\":\"https://monde.example/fr/datasets/");
        self.slug();
        self.put("/\",\"private\":false,\"quality\":{\"all_resources_available\":true,\"has_open_format\":true,\"license\":true,\"score\":0.67},\"resources\":[");
        for number in 0..RESOURCES {
            if number > 0 {
                self.put(",");
            }
            self.resource(number, theme);
        }
        self.put("],\"schema\":null,\"slug\":\"");
        self.slug();
        self.put("\",\"spatial\":");
        self.spatial();
        self.put(",\"tags\":[");
        for number in 0..4 {
            if number > 0 {
                self.put(",");
            }
            let tag = self.pick(&words::TAGS);
            self.put("\"");
            self.put(tag);
            self.put("\"");
        }
        self.put("],\"temporal_coverage\":");
        if self.random.one_in(3) {
            self.put("{\"start\":\"2015-01-01\",\"end\":\"2023-12-31\"}");
        } else {
            self.put("null");
        }
        self.put(",\"title\":\"");
        self.put(theme);
        self.put(" – ");
        self.put(place);
        self.put(" (");
        self.number(self.index);
        self.put(")\",\"uri\":\"https://monde.example/api/1/datasets/");
        self.slug();
        self.put("/\"}");
    }

    fn description(&mut self, theme: &str, place: &str) {
        self.put(theme);
        self.put(", ");
        self.put(place);
        self.put(".\\n\\n");
        for _ in 0..9 {
            let sentence = self.pick(&words::SENTENCES);
            self.put(sentence);
            self.put(" ");
        }
        if self.version > 0 {
            self.put("Révision ");
            self.number(u64::from(self.version));
            self.put(".");
        }
    }

    fn contact(&mut self) {
        self.put("{\"id\":\"");
        self.id(3, self.organisation);
        self.put("\",\"name\":\"Service données\",\"email\":\"donnees@organisme-");
        self.number(self.organisation);
        self.put(".example\",\"contact_form\":null,\"role\":\"contact\"}");
    }

    fn harvest(&mut self) {
        if !self.random.one_in(2) {
            return self.put("null");
        }
        self.put("{\"backend\":\"DCAT\",\"created_at\":\"2019-03-01T00:00:00\",\"domain\":\"catalogue.example\",\"remote_id\":\"jdd-");
        self.number(self.index);
        self.put("\",\"remote_url\":\"https://catalogue.example/jdd/");
        self.number(self.index);
        self.put(
            "\",\"source_id\":\"5d5d5d5d5d5d5d5d5d5d5d5d\",\"uri\":\"https://catalogue.example/id/",
        );
        self.number(self.index);
        self.put("\"}");
    }

    fn organisation(&mut self) {
        let number = self.organisation;
        self.put("{\"acronym\":null,\"badges\":[{\"kind\":\"public-service\"}],\"class\":\"Organization\",\"id\":\"");
        self.id(2, number);
        self.put("\",\"logo\":\"https://static.monde.example/avatars/");
        self.number(number);
        self.put("-original.png\",\"logo_thumbnail\":\"https://static.monde.example/avatars/");
        self.number(number);
        self.put("-100.png\",\"name\":\"Organisme ");
        self.number(number);
        self.put("\",\"page\":\"https://monde.example/fr/organizations/organisme-");
        self.number(number);
        self.put("/\",\"slug\":\"organisme-");
        self.number(number);
        self.put("\",\"uri\":\"https://monde.example/api/1/organizations/organisme-");
        self.number(number);
        self.put("/\"}");
    }

    fn resource(&mut self, number: u64, theme: &str) {
        let stored = self.random.one_in(2);
        let &(format, mime) = self.random.pick(&words::FORMATS);
        self.put("{\"checksum\":");
        if stored {
            self.put("{\"type\":\"sha1\",\"value\":\"");
            for _ in 0..2 {
                let part = self.random.next();
                self.hex(part, 16);
            }
            self.hex(self.index, 8);
            self.put("\"}");
        } else {
            self.put("null");
        }
        self.put(",\"created_at\":\"");
        self.any_time();
        self.put("\",\"description\":\"");
        let sentence = self.pick(&words::SENTENCES);
        self.put(sentence);
        self.put("\",\"extras\":{\"check:available\":true,\"check:date\":\"2024-05-01T00:00:00\",\"check:status\":200,\"analysis:content-length\":123456,\"analysis:mime-type\":\"text/plain\"},\"filesize\":");
        if stored {
            let size = self.random.next() % 50_000_000;
            self.number(1 + size);
        } else {
            self.put("null");
        }
        self.put(",\"filetype\":\"");
        self.put(if stored { "file" } else { "remote" });
        self.put("\",\"format\":\"");
        self.put(format);
        self.put("\",\"harvest\":null,\"id\":\"");
        self.resource_id(number);
        self.put("\",\"internal\":{\"created_at_internal\":\"2024-01-01T00:00:00\",\"last_modified_internal\":\"2024-01-01T00:00:00\"},\"last_modified\":\"");
        self.any_time();
        self.put("\",\"latest\":\"https://monde.example/fr/datasets/r/");
        self.resource_id(number);
        self.put("\",\"metrics\":{\"views\":3},\"mime\":\"");
        self.put(mime);
        self.put("\",\"preview_url\":null,\"schema\":null,\"title\":\"");
        self.put(theme);
        self.put(" (");
        self.put(format);
        self.put(")\",\"type\":\"main\",\"url\":\"https://static.monde.example/resources/");
        self.slug();
        self.put("/");
        self.number(number);
        self.put("/donnees.");
        self.put(format);
        self.put("\"}");
    }

    fn resource_id(&mut self, number: u64) {
        let mut random = Random::new(self.seed ^ 7, self.index * RESOURCES + number);
        let (high, low) = (random.next(), random.next());
        self.hex(high >> 32, 8);
        for part in [high >> 16, high, low >> 48] {
            self.put("-");
            self.hex(part & 0xffff, 4);
        }
        self.put("-");
        self.hex(low & 0xffff_ffff_ffff, 12);
    }

    fn spatial(&mut self) {
        match self.random.next() % 4 {
            0 => self.put("null"),
            1 => {
                let corner = self.random.next();
                let (west, south) = (corner % 500, (corner >> 16) % 500);
                self.put("{\"geom\":{\"type\":\"MultiPolygon\",\"coordinates\":[[[");
                for (at, (x, y)) in [(0, 0), (40, 0), (40, 30), (0, 30), (0, 0)]
                    .into_iter()
                    .enumerate()
                {
                    self.put(if at > 0 { ",[" } else { "[" });
                    self.put("2.");
                    self.number(100 + west + x);
                    self.put(",49.");
                    self.number(100 + south + y);
                    self.put("]");
                }
                self.put("]]]},\"granularity\":\"other\",\"zones\":null}");
            }
            _ => {
                self.put("{\"geom\":null,\"granularity\":\"fr:commune\",\"zones\":[\"");
                let zone = self.pick(&words::ZONES);
                self.put(zone);
                self.put("\"]}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn dataset(world: World, index: u64, generation: u32) -> Value {
        let mut out = Vec::new();
        world.write_dataset(index, generation, &mut out);
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn a_dataset_is_json_of_about_7_kb() {
        let world = World::new(1_000, 1);
        let mut out = Vec::new();
        for index in 0..1_000 {
            world.write_dataset(index, 0, &mut out);
            assert_eq!(
                dataset(world, index, 0)["resources"]
                    .as_array()
                    .map(Vec::len),
                Some(5)
            );
        }
        let mean = out.len() / 1_000;
        assert!((6_000..8_000).contains(&mean), "{mean} bytes a dataset");
    }

    #[test]
    fn identifiers_are_unique_and_organisations_shared() {
        let world = World::new(400, 9);
        let ids = |field: fn(&Value) -> String| {
            (0..400)
                .map(|index| field(&dataset(world, index, 0)))
                .collect::<std::collections::HashSet<_>>()
                .len()
        };
        assert_eq!(ids(|value| value["id"].to_string()), 400);
        assert_eq!(ids(|value| value["resources"][4]["id"].to_string()), 400);
        assert_eq!(ids(|value| value["organization"]["id"].to_string()), 20);
    }

    #[test]
    fn a_hundredth_changes_and_the_rest_stays() {
        let world = World::new(1_000, 3);
        for (before, after) in [(0, 1), (1, 2)] {
            let changed: Vec<u64> = (0..1_000)
                .filter(|index| dataset(world, *index, before) != dataset(world, *index, after))
                .collect();
            assert_eq!(changed.len(), 10);
            for index in changed {
                let (old, new) = (dataset(world, index, before), dataset(world, index, after));
                assert_ne!(old["description"], new["description"]);
                assert!(old["last_modified"].as_str() < new["last_modified"].as_str());
                assert_eq!(old["resources"], new["resources"]);
            }
        }
    }

    #[test]
    fn pages_hold_everything_once_in_every_order() {
        let world = World::new(205, 3);
        for order in [Order::Created, Order::LastUpdate] {
            let (mut ids, mut dates) = (std::collections::HashSet::new(), Vec::new());
            for page in 1..=3 {
                let body = world.page(page, 100, 2, order, "http://a.example/");
                let value: Value = serde_json::from_slice(&body).unwrap();
                assert_eq!(value["total"], 205);
                assert_eq!(value["next_page"].is_null(), page == 3);
                for dataset in value["data"].as_array().unwrap() {
                    ids.insert(dataset["id"].to_string());
                    let date = match order {
                        Order::Created => "created_at",
                        Order::LastUpdate => "last_update",
                    };
                    dates.push(dataset[date].to_string());
                }
            }
            assert_eq!((ids.len(), dates.len()), (205, 205));
            if order == Order::LastUpdate {
                dates.reverse();
            }
            assert!(dates.is_sorted(), "{dates:?}");
        }
    }
}
