package io.sluice.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class MemoryLimitTest {
    @Test
    void itIsExceededForAsLongAsMoreIsUsed() {
        AtomicLong used = new AtomicLong(100);
        MemoryLimit limit = new MemoryLimit(100, used::get);
        limit.measure();
        assertThat(limit.isExceeded()).isFalse();
        used.set(101);
        limit.measure();
        assertThat(limit.isExceeded()).isTrue();
        used.set(99);
        limit.measure();
        assertThat(limit.isExceeded()).isFalse();
    }
}
