package io.sluice.service.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationFormatTest {
    @ParameterizedTest
    @CsvSource({"250ms,250", "30s,30000", "5m,300000", "2h,7200000", "3d,259200000", "0s,0", "-1s,-1000"})
    void readsNumberWithUnit(String text, long millis) {
        assertThat(DurationFormat.parse(text)).contains(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "30", "s", "1.5s", "30 s", "30sec", "PT30S", "1m30s", "999999999999999d", " 5s"})
    void refusesEverythingElse(String text) {
        assertThat(DurationFormat.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0s", "1ms", "1500ms", "90s", "5m", "2h", "25h", "3d", "-1s"})
    void writesWhatItReads(String text) {
        assertThat(DurationFormat.format(DurationFormat.parse(text).orElseThrow()))
                .isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"120s,2m", "60m,1h", "48h,2d", "2000ms,2s", "0d,0s"})
    void writesTheLargestUnitThatNeedsNoFraction(String text, String shortest) {
        assertThat(DurationFormat.format(DurationFormat.parse(text).orElseThrow()))
                .isEqualTo(shortest);
    }
}
