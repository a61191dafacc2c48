package io.sluice.service.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    record Sample(Instant at, Duration timeout, @Nullable String note) {}

    @Test
    void writesInstantsAndDurationsReadablyAndLeavesOutWhatIsAbsent() {
        Sample sample = new Sample(Instant.parse("2026-01-02T03:04:05.678Z"), Duration.ofMillis(250), null);

        String json = Json.write(sample);

        assertThat(json).isEqualTo("{\"at\":\"2026-01-02T03:04:05.678Z\",\"timeout\":\"250ms\"}");
        assertThat(Json.read(json.getBytes(StandardCharsets.UTF_8), Sample.class))
                .isEqualTo(sample);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{\"note\":\"a\",\"note\":\"b\"}", "{\"nota\":\"a\"}", "{} x", "{\"timeout\":30}", "{\"note\":7}"
            })
    void refusesWhatCouldMeanSomethingElse(String json) {
        assertThatThrownBy(() -> Json.mapper().readValue(json, Sample.class)).isInstanceOf(java.io.IOException.class);
    }
}
