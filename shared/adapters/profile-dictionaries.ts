/**
 * The words of profiles, by which a compressed one is short: deflate refers to them instead of spelling them out. A
 * dictionary is never changed once profiles have been written with it; a better one gets the next number.
 *
 * @see docs/adr/0025-profile-packed.md
 */

/** What is seldom comes first: what stands near the end is referred to in fewer bits. */
const FIRST = [
  // Seldom said by a customer.
  '"accountManager":{"name":"","email":"","referral":{"by":"c-","recommended":"","kind":"customer"influencer"partner"}',
  '"declared":{"style":{"at":1,"id":"~","value":"efficient"},"previousSupplier":{"objection":{traditional","none"',
  '"changes":{"known":[{"id":"","opened":{"at":1,"id":"~","priced":true},"closed":{"at":1,"id":"~false"}}],"dropped":true',
  '"subscriptions":{"known":[{"id":"","opened":{"at":1,"id":"~","endsAt":1',
  '"complaints":{"known":[{"complaintId":"","opened":{"at":1,"id":"~","severity":"normal"},"resolved":{"at":1,"id":"~"}}]}',
  'severity":"low"},severity":"high"},"handled":[[1,"1/severe-complaint/1/loyal-critic/1/key-account/"]]',
  '"refunds":[{"at":1,"id":"~","refundId":"","orderId":"","minor":,"currency":"EUR"}],"early":[{"orderId":"cancelled":true',
  '"olderRefunds":{"sums":{"last":"earlyDropped":true"clickedAt":1"standing":[1,"~",true,0.0false"nps":[1,"~",9,[{"score":',
  '"reviews":[[1,"~","",5,"shop"]]third_party"social"coupons":[[1,"~","TEA-10"]],"referrals":[[1,"~","c-","customer"]]',
  '"returns":[[1,"~","confirmed":[[1,"~","o-","answers":[[1,"~","retention","nps","nps","s10"]]',
  '"win-back","ask","reason","price"]]experience"other-shop"no-need"other"solved"yes"no"liked"quality"delivery"fit"company"',
  '"choices":[[1,"~",{"language":"pace":"less"usual"tailored":false"programmes":{"win-back":"off"},"promotion":"off"',
  // Where and in which words.
  '"preference centre"checkout"newsletter"soft_opt_in"none"Asia/Tokyo"Africa/America/New_York"Australia/Sydney"Europe/London"',
  'Europe/Paris"Europe/Madrid"Europe/Rome"Europe/Amsterdam"Europe/Stockholm"Europe/Berlin"JPY"GBP"NOK"DKK"CHF"SEK"USD"EUR"',
  '"es-ES"it-IT"nl-NL"fr-FR"ru-RU"fa-IR"en-US"en-GB"sv-SE"de-DE"',
  // Of messages and stages.
  '"previousLife":{"erasedAt":1"forgottenUntil":1"deleteAt":1"addresses":["',
  '"flight":{"token":"lease":1"closing":{"outcome":"withheld","reason":"cancelled"failed"closedAt":1"frequency cap"stale"',
  '"another message first"interest comes first"waiting for the offer"no longer fits"not for"no consent"holdout"daily share"',
  '"offers":[{"key":"1/retention/bonus/1","offer":"loyal-bonus","offerId":"o-","percent":10,"code":"","issuedAt":1',
  ',"expiresAt":1,"confirmBy":1,"asked":{"at":1,"cause":"due/}}],"shadow":true',
  '"attention":[{"id":"1/critic/","reason":"critic","priority":"normal","at":1,"cause":"~"}],"priority":"high"low"',
  '"critic","was-critic","neutral","promoter","bargain","impulse","switcher","referred","changing","efficient","traditional"',
  '"bad-experience","key-account","quiet-key-account","returning","ready","looker","hesitant","researcher","dissatisfied"',
  '"recent-trouble","interested"]',
  '1/recovery/apology/1/recovery/status/1/recovery/still-open/1/recovery/resolved/1/recovery/bad-rating/1/recovery/critic/',
  '1/recovery/late-delivery/1/recovery/renewal/1/service/change-terms/1/service/change-confirmed/1/service/answer-',
  '1/win-back/ask/1/win-back/improved/1/win-back/offer/1/retention/key-check-in/1/retention/check-in/1/retention/reminder/',
  '1/retention/appreciation/1/retention/bonus/1/retention/shape-the-range/1/retention/reference/1/retention/promoter-bonus/',
  '1/retention/recommend/1/retention/follow-up/1/retention/make-good/1/retention/thanks-referral/1/retention/benefits/',
  '1/retention/your-view/1/nurture/sets-apart/1/nurture/proof/1/nurture/best-price/1/nurture/farewell/1/nurture/resume/',
  '1/nurture/little-extra/1/nurture/invitation/1/nurture/comparison/1/nurture/cart-comparison/1/nurture/recommendation/1",1',
  '"return":[1,1"at-risk":[1,1"loyal-voice":[1,1"loyal-bonus":[1,1"appreciation":[1,1"promoter":[1,1"bargain":[1,1',
  '"impulse":[1,1"switcher":[1,1"bad-experience":[1,1"referral-thanks":[1,1"researcher-cart":[1,1"ready":[1,1',
  '[["lead","new",1["1 order","no further order within 21 days so far"[["active","at_risk",1 days since the last order"',
  '[["at_risk","lapsed",1[["active","loyal",1,["6 orders since 180 days","spend in the top quarter"]]]',
  // A customer who looks around, buys and gets mail: in the order in which it is written.
  '{"facts":{"logins":[20,"seen":0,"person":[[1,"~",{"email":"@example.com","name":"","locale":"","timeZone":"Europe/"}]],',
  '"orders":{"older":{"history":{"orders":,"first":1,"last":1,"gaps":,"lnGaps":},"spend":{"EUR":},"months":[[68,{"EUR":',
  '}]],"discounted":0,"ids":"","newest":{"at":1,"id":"~"},"cancelled":[]},"ring":[[1,"~","",00,"EUR",0,17',
  '"]]},"consent":["opt_in","signup form",17,"~","2026-0"],"interest":[18,[17,0,null,"category",8,null,"specification",3,2',
  '],"basket":[[17,"~",1],[17,"~"]]},"memory":{"traits":["interested"],"episodes":{"looker":[1,17"hesitant":[1,17',
  '"researcher":[1,17"first-steps":[1,17"in-touch":[1,17},"pending":{"":{"moment":17,"decidedAt":17,"attempt":1,"cause":"~"',
  ',"notBefore":17,"heldBy":"quiet hours"}},"recent":[["1/nurture/obstacle/1",17],["1/nurture/knowledge/1",17],',
  '["1/onboarding/welcome/1",17],["1/onboarding/guide/1",17],["1/onboarding/check-in/1",17],["1/retention/nps/',
  '["1/retention/make-the-most/1",17]],"closed":[["1/retention/nps/"changes":["~",[["new","active",17',
  ',["2 orders","usually buys every 30 days"]]]]}}',
].join('');

/** By number, which stands beside whatever was packed. */
export const DICTIONARIES: ReadonlyMap<number, Uint8Array> = new Map([[1, new TextEncoder().encode(FIRST)]]);

/** What is packed with from now on. */
export const NEWEST_DICTIONARY = 1;
