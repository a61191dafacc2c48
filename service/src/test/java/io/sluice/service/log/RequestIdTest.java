package io.sluice.service.log;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestIdTest {
    @ParameterizedTest
    @ValueSource(strings = {"a", "3f2c8a7e-1", "Root=1-67891233-abcdef012345678912345678"})
    void keepsTheCallersIdWhenItIsSane(String id) {
        assertThat(RequestId.fromHeader(id)).isEqualTo(id);
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", " ", "a b", "a\nb", "ä", "<script>"})
    void makesOneOtherwise(String id) {
        assertThat(RequestId.fromHeader(id)).matches("[0-9a-f]{32}");
    }

    @Test
    void refusesEndlessIds() {
        assertThat(RequestId.fromHeader("a".repeat(129))).hasSize(32);
    }

    @Test
    void outsideOfARequestThereIsNone() {
        RequestId.remember("x");

        assertThat(RequestId.current()).isEmpty();
    }
}
