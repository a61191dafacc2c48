package io.sluice.service.settings;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizeFormatTest {
    @ParameterizedTest
    @CsvSource({"512,512", "64KiB,65536", "1MiB,1048576", "10MB,10000000", "2 GiB,2147483648", "7B,7", "-1,-1"})
    void readsPlainNumbersAndUnits(String text, long bytes) {
        assertThat(ByteSizeFormat.parse(text)).hasValue(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "MiB", "1.5MiB", "1mib", "1 XB", "99999999999999999TiB"})
    void refusesEverythingElse(String text) {
        assertThat(ByteSizeFormat.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"0,0", "1000,1000", "1024,1KiB", "1536,1536", "1048576,1MiB", "3221225472,3GiB"})
    void writesTheLargestUnitThatNeedsNoFraction(long bytes, String text) {
        assertThat(ByteSizeFormat.format(bytes)).isEqualTo(text);
    }
}
