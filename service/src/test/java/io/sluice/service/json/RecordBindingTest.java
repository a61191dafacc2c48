package io.sluice.service.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordBindingTest {
    enum Kind {
        @JsonProperty("big")
        BIG,
        @JsonProperty("small")
        SMALL
    }

    @JsonNaming(SnakeCaseStrategy.class)
    record Inner(String fullName, int weight) {}

    record Outer(
            String id,
            Kind kind,
            @Nullable Duration timeout,
            boolean force,
            List<Inner> inner,
            @Nullable Map<String, Inner> named,
            @Nullable JsonNode anything) {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "op")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Change.Put.class, name = "put"),
        @JsonSubTypes.Type(value = Change.Remove.class, name = "remove")
    })
    sealed interface Change {
        record Put(String id, int weight) implements Change {}

        record Remove(String id) implements Change {}
    }

    record Patch(List<Change> changes) {}

    record Positive(int value) {
        Positive {
            if (value <= 0) {
                throw new IllegalArgumentException("value: " + value + " (expected: > 0)");
            }
        }
    }

    @Test
    void bindsNestedRecordsWithTheirOwnNaming() {
        Outer outer = bind("""
                {"id": "a", "kind": "big", "timeout": "30s", "inner": [{"full_name": "x", "weight": 2}],
                 "named": {"n": {"full_name": "y", "weight": 3}}, "anything": {"free": [1]}}""", Outer.class);

        assertThat(outer.kind()).isEqualTo(Kind.BIG);
        assertThat(outer.timeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(outer.force()).isFalse();
        assertThat(outer.inner()).containsExactly(new Inner("x", 2));
        assertThat(outer.named()).containsEntry("n", new Inner("y", 3));
    }

    @Test
    void reportsEveryMistakeWithItsPointer() {
        assertThat(mistakes("""
                {"kind": "huge", "timeout": "soon", "force": "yes", "colour": 1,
                 "inner": [{"full_name": 3, "weight": 1.5}, 7, {"fullname": "x", "weight": "2"}],
                 "named": {"a/b": {"full_name": "z"}}}""", Outer.class))
                .containsExactlyInAnyOrder(
                        "/id: missing (required)",
                        "/kind: \"huge\" (expected: one of big, small)",
                        "/timeout: \"soon\" (expected: a duration such as 250ms, 30s, 5m, 2h or 3d)",
                        "/force: \"yes\" (expected: true or false)",
                        "/colour: unknown member (expected: one of id, kind, timeout, force, inner, named, anything)",
                        "/inner/0/full_name: 3 (expected: text)",
                        "/inner/0/weight: 1.5 (expected: a whole number)",
                        "/inner/1: 7 (expected: an object)",
                        "/inner/2/fullname: unknown member (did you mean full_name?)",
                        "/inner/2/full_name: missing (required)",
                        "/inner/2/weight: \"2\" (expected: a whole number)",
                        "/named/a~1b/weight: missing (required)");
    }

    @Test
    void bindsTaggedUnions() {
        Patch patch = bind(
                "{\"changes\": [{\"op\": \"put\", \"id\": \"a\", \"weight\": 1}, {\"op\": \"remove\", \"id\": \"b\"}]}",
                Patch.class);

        assertThat(patch.changes()).containsExactly(new Change.Put("a", 1), new Change.Remove("b"));
    }

    @Test
    void looksIntoTaggedUnionsForMistakes() {
        assertThat(mistakes("""
                {"changes": [{"op": "pat"}, {"id": "b"}, {"op": "put", "id": 3, "weigth": 1}, "x"]}""", Patch.class))
                .containsExactlyInAnyOrder(
                        "/changes/0/op: \"pat\" (expected: one of put, remove)",
                        "/changes/1/op: missing (expected: one of put, remove)",
                        "/changes/2/id: 3 (expected: text)",
                        "/changes/2/weigth: unknown member (did you mean weight?)",
                        "/changes/2/weight: missing (required)",
                        "/changes/3: \"x\" (expected: an object with op)");
    }

    @Test
    void whatTheRecordItselfRefusesIsAMistakeToo() {
        assertThat(mistakes("{\"value\": -1}", Positive.class)).containsExactly(": value: -1 (expected: > 0)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"invalid\": json}", "{", "{} {}", "{\"value\": 1, \"value\": 2}", "{\"value\": 1,}"})
    void textThatIsNotJsonIsOneMistakeAtTheRoot(String text) {
        assertThat(mistakes(text, Positive.class)).hasSize(1).allMatch(m -> m.startsWith(": not JSON: "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  "})
    void noContentIsAMistake(String text) {
        assertThat(mistakes(text, Positive.class)).containsExactly(": no content (expected: a JSON body)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "[]", "7"})
    void anythingButAnObjectIsAMistake(String text) {
        assertThat(mistakes(text, Positive.class)).containsExactly(": " + text + " (expected: an object)");
    }

    private static <T> T bind(String json, Class<T> type) {
        return RecordBinding.bind(json.getBytes(StandardCharsets.UTF_8), type);
    }

    private static List<String> mistakes(String json, Class<?> type) {
        return catchThrowableOfType(InvalidJsonException.class, () -> bind(json, type)).mistakes().stream()
                .map(m -> m.pointer() + ": " + m.detail())
                .toList();
    }
}
