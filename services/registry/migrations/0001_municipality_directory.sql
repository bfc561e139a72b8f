-- How texts are compared when people search: width, kana, case, spaces, look-alike dashes and variation selectors do not count.
CREATE FUNCTION fold(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT translate(
        regexp_replace(lower(normalize($1, NFKC)), '[\s\u3000\uFE00-\uFE0F\U000E0100-\U000E01EF・]', '', 'g'),
        'ぁあぃいぅうぇえぉおかがきぎくぐけげこごさざしじすずせぜそぞただちぢっつづてでとどなにぬねのはばぱひびぴふぶぷへべぺほぼぽまみむめもゃやゅゆょよらりるれろゎわゐゑをんゔゕゖヵヶ‐‑‒–—―−-',
        'ァアィイゥウェエォオカガキギクグケゲコゴサザシジスズセゼソゾタダチヂッツヅテデトドナニヌネノハバパヒビピフブプヘベペホボポマミムメモャヤュユョヨラリルレロヮワヰヱヲンヴカケカケーーーーーーーー')
$$;

-- Every prefecture and municipality there is, registered or not.
CREATE TABLE municipality_codes (
    code            text PRIMARY KEY CHECK (code ~ '^[0-9]{6}$'),
    kind            text NOT NULL CHECK (kind IN ('prefecture', 'city', 'ward', 'town', 'village')),
    name            text NOT NULL,
    name_kana       text NOT NULL,
    county          text NOT NULL DEFAULT '',
    prefecture_code text NOT NULL CHECK (prefecture_code ~ '^[0-9]{2}$'),
    prefecture      text NOT NULL,
    -- The same name with the characters people have on their keyboards.
    also_written    text NOT NULL DEFAULT '',
    key             text NOT NULL GENERATED ALWAYS AS
                    (fold(prefecture || county || name) || ' ' || fold(name_kana) || ' ' || code || ' ' || fold(also_written)) STORED
);
CREATE INDEX municipality_codes_prefecture ON municipality_codes (prefecture_code, code);
