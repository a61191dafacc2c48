package io.sluice.proxy.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RunningRequestsTest {
    private final RunningRequests running = new RunningRequests();

    @Test
    void aKeyIsForgottenWithItsLastRequest() {
        long key = running.key("a");
        assertThat(running.tryEnter(key, 2)).isTrue();
        assertThat(running.tryEnter(key, 2)).isTrue();
        assertThat(running.tryEnter(key, 2)).isFalse();
        assertThat(running.tryEnter(running.key("b"), 2)).isTrue();
        assertThat(running.keys()).isEqualTo(2);
        running.leave(key);
        assertThat(running.tryEnter(key, 2)).isTrue();
        running.leave(key);
        running.leave(key);
        running.leave(running.key("b"));
        assertThat(running.keys()).isZero();
    }

    @Test
    void noMoreThanTheLimitRunWhateverTheThreadsDo() {
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        long key = running.key("a");
        List<CompletableFuture<Void>> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            threads.add(CompletableFuture.runAsync(() -> {
                for (int round = 0; round < 20_000; round++) {
                    if (running.tryEnter(key, 3)) {
                        most.accumulateAndGet(now.incrementAndGet(), Math::max);
                        now.decrementAndGet();
                        running.leave(key);
                    }
                }
            }));
        }
        threads.forEach(CompletableFuture::join);
        assertThat(most.get()).isBetween(1, 3);
        assertThat(running.keys()).isZero();
    }
}
