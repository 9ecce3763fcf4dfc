/** The people of the simulated shop. Their addresses belong to domains nobody can own (RFC 2606). */

export interface Person {
  readonly customerId: string;
  readonly name: string;
  readonly email: string;
  readonly locale: string;
  readonly timeZone: string;
}

interface Culture {
  readonly locale: string;
  readonly timeZone: string;
  readonly domain: string;
  /** Name as the person writes it, and the part of the address before the @. */
  readonly names: readonly (readonly [string, string])[];
}

const SWEDISH: Culture = {
  locale: 'sv-SE',
  timeZone: 'Europe/Stockholm',
  domain: 'example.com',
  names: [
    ['Astrid Lindqvist', 'astrid.lindqvist'],
    ['Björn Åkesson', 'bjorn.akesson'],
    ['Maja Öberg', 'maja.oberg'],
    ['Erik Sjögren', 'erik.sjogren'],
    ['Linnéa Hägg', 'linnea.hagg'],
    ['Oskar Nyström', 'oskar.nystrom'],
    ['Ebba Dahlström', 'ebba.dahlstrom'],
    ['Göran Wallin', 'goran.wallin'],
    ['Saga Engström', 'saga.engstrom'],
    ['Nils Håkansson', 'nils.hakansson'],
    ['Elsa Björklund', 'elsa.bjorklund'],
    ['Håkan Löfgren', 'hakan.lofgren'],
    ['Tuva Sandberg', 'tuva.sandberg'],
    ['Anders Norén', 'anders.noren'],
    ['Klara Ekström', 'klara.ekstrom'],
    ['Per-Olof Ström', 'per-olof.strom'],
    ['Ingrid Fält', 'ingrid.falt'],
    ['Viktor Ahlgren', 'viktor.ahlgren'],
  ],
};

const GERMAN: Culture = {
  locale: 'de-DE',
  timeZone: 'Europe/Berlin',
  domain: 'example.org',
  names: [
    ['Jürgen Weiß', 'juergen.weiss'],
    ['Katharina Schäfer', 'katharina.schaefer'],
    ['Matthias Köhler', 'matthias.koehler'],
    ['Sabine Groß', 'sabine.gross'],
    ['Lukas Brandt', 'lukas.brandt'],
    ['Annegret Müller', 'annegret.mueller'],
    ['Jörg Hofmann', 'joerg.hofmann'],
    ['Franziska Böhm', 'franziska.boehm'],
    ['Sebastian Krüger', 'sebastian.krueger'],
    ['Heike Zimmermann', 'heike.zimmermann'],
    ['Tobias Jäger', 'tobias.jaeger'],
    ['Ulrike Vogel', 'ulrike.vogel'],
    ['Moritz von Ahlen', 'moritz.vonahlen'],
    ['Greta Lehmann', 'greta.lehmann'],
    ['Rüdiger Thiel', 'ruediger.thiel'],
    ['Johanna Bäcker', 'johanna.baecker'],
    ['Felix Sauer', 'felix.sauer'],
    ['Marlene Fuchs', 'marlene.fuchs'],
  ],
};

const PERSIAN: Culture = {
  locale: 'fa-IR',
  timeZone: 'Asia/Tehran',
  domain: 'example.net',
  names: [
    ['لیلا کریمی', 'leila.karimi'],
    ['آرش رضایی', 'arash.rezaei'],
    ['نسرین احمدی', 'nasrin.ahmadi'],
    ['کاوه موسوی', 'kaveh.mousavi'],
    ['پریسا حسینی', 'parisa.hosseini'],
    ['بابک شریفی', 'babak.sharifi'],
    ['مریم صادقی', 'maryam.sadeghi'],
    ['داریوش نوری', 'dariush.nouri'],
    ['شیرین فرهادی', 'shirin.farhadi'],
    ['امیر جعفری', 'amir.jafari'],
    ['سارا یوسفی', 'sara.yousefi'],
    ['فرهاد رستمی', 'farhad.rostami'],
    ['ژاله بهرامی', 'zhaleh.bahrami'],
    ['نیما قاسمی', 'nima.ghasemi'],
    ['مهتاب اکبری', 'mahtab.akbari'],
    ['سیاوش تهرانی', 'siavash.tehrani'],
  ],
};

const RUSSIAN: Culture = {
  locale: 'ru-RU',
  timeZone: 'Europe/Moscow',
  domain: 'example.com',
  names: [
    ['Анна Соколова', 'anna.sokolova'],
    ['Дмитрий Кузнецов', 'dmitry.kuznetsov'],
    ['Екатерина Волкова', 'ekaterina.volkova'],
    ['Сергей Морозов', 'sergey.morozov'],
    ['Ольга Новикова', 'olga.novikova'],
    ['Алексей Лебедев', 'aleksey.lebedev'],
    ['Юлия Щербакова', 'yulia.shcherbakova'],
    ['Пётр Зайцев', 'pyotr.zaytsev'],
    ['Наталья Фёдорова', 'natalya.fyodorova'],
    ['Игорь Белов', 'igor.belov'],
    ['Мария Орлова', 'maria.orlova'],
    ['Артём Жуков', 'artyom.zhukov'],
    ['Светлана Крылова', 'svetlana.krylova'],
    ['Николай Воробьёв', 'nikolay.vorobyov'],
    ['Дарья Титова', 'darya.titova'],
    ['Максим Ершов', 'maksim.yershov'],
  ],
};

const ENGLISH: Culture = {
  locale: 'en-GB',
  timeZone: 'Europe/London',
  domain: 'example.org',
  names: [
    ['Imogen Hart', 'imogen.hart'],
    ["Declan O'Rourke", 'declan.orourke'],
    ['Priya Chandran', 'priya.chandran'],
    ['Callum Fraser', 'callum.fraser'],
    ['Beatrix Okafor', 'beatrix.okafor'],
    ['Rhys Llewellyn', 'rhys.llewellyn'],
    ['Saoirse Byrne', 'saoirse.byrne'],
    ['Thomas Ashworth-Bell', 'thomas.ashworth-bell'],
    ['Niamh Gallagher', 'niamh.gallagher'],
    ['Jamal Whitfield', 'jamal.whitfield'],
    ['Eleanor Pike', 'eleanor.pike'],
    ['Chloë Danvers', 'chloe.danvers'],
    ['Gareth Munro', 'gareth.munro'],
    ['Zoe Adeyemi', 'zoe.adeyemi'],
    ['Henry Blackwood', 'henry.blackwood'],
    ['Winifred Stone', 'winifred.stone'],
    ['Marcus Yeo', 'marcus.yeo'],
    ['Aoife Kearney', 'aoife.kearney'],
  ],
};

const CULTURES: readonly Culture[] = [ENGLISH, SWEDISH, GERMAN, PERSIAN, RUSSIAN];

/**
 * The person with a number from 0: cultures take turns. When the names are used up they come again, with a number in
 * the address, as they do in life.
 */
export function personNumber(number: number, customerId: string): Person {
  const culture = CULTURES[number % CULTURES.length] ?? ENGLISH;
  const turn = Math.floor(number / CULTURES.length);
  const [name, local] = culture.names[turn % culture.names.length] ?? ['Imogen Hart', 'imogen.hart'];
  const round = Math.floor(turn / culture.names.length);
  return {
    customerId,
    name,
    email: `${local}${round === 0 ? '' : round + 1}@${culture.domain}`,
    locale: culture.locale,
    timeZone: culture.timeZone,
  };
}
