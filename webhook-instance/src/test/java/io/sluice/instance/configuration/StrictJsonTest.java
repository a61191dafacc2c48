package io.sluice.instance.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.instance.api.ConfigProblem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StrictJsonTest {
    @Test
    void keysThatStandTwiceAreEachToldWithTheirPointer() {
        StrictJson.Parsed parsed = StrictJson.parse(
                Documents.bytes("{'a': {'x/y': 1, 'x/y': 2}, 'b': [{'c': 1}, {'c': 1, 'c': 2}], 'a': 3}"), "webhooks");

        assertThat(parsed.problems())
                .extracting(Documents::line)
                .containsExactly(
                        "webhooks/a/x~1y duplicate_key", "webhooks/b/1/c duplicate_key", "webhooks/a duplicate_key");
    }

    @Test
    void valuesKeepTheirKinds() {
        StrictJson.Parsed parsed =
                StrictJson.parse(Documents.bytes("{'a': [1, 2.5, 'x', true, false, null, 12345678901234567890]}"), "f");

        assertThat(parsed.problems()).isEmpty();
        assertThat(String.valueOf(parsed.document()))
                .isEqualTo("{\"a\":[1,2.5,\"x\",true,false,null,12345678901234567890]}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"invalid\": json}",
                "{\"a\": {\"b\": 1,}}",
                "{\"a\": Infinity}",
                "{\"a\": 1e999}",
                "{\"a\": 1} {}",
                "{\"a\": 1} x",
                "{\"a\": \"open",
                "{\"a\"",
                "[1,",
                "",
                "   ",
            })
    void textThatIsNoJsonIsOneProblem(String text) {
        StrictJson.Parsed parsed = StrictJson.parse(Documents.bytes(text), "webhooks");

        assertThat(parsed.problems()).extracting(ConfigProblem::code).containsExactly("invalid_json");
    }

    @Test
    void aSyntaxErrorTellsWhere() {
        ConfigProblem problem = StrictJson.parse(Documents.bytes("{'a':\n {'b': nope}}"), "webhooks")
                .problems()
                .get(0);

        assertThat(problem.pointer()).isEqualTo("/a/b");
        assertThat(problem.message()).startsWith("line 2, column ");
    }

    @Test
    void depthIsLimited() {
        StrictJson.Parsed parsed = StrictJson.parse(Documents.bytes("[".repeat(100_000)), "f");

        assertThat(parsed.problems()).hasSize(1);
    }
}
