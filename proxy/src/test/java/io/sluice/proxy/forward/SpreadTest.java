package io.sluice.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SpreadTest {
    private static final long START = 1_000;

    private final List<Integer> done = new ArrayList<>();

    @Test
    void theFirstIsDoneAtOnceAndTheOthersAtEvenDistances() {
        Spread<Integer> spread = new Spread<>(List.of(1, 2, 3, 4, 5), START, 100);
        assertThat(spread.proceed(START, done::add)).isFalse();
        assertThat(done).containsExactly(1);
        spread.proceed(START + 19, done::add);
        assertThat(done).containsExactly(1);
        spread.proceed(START + 20, done::add);
        assertThat(done).containsExactly(1, 2);
        assertThat(spread.proceed(START + 79, done::add)).isFalse();
        assertThat(done).containsExactly(1, 2, 3, 4);
        assertThat(spread.proceed(START + 80, done::add)).isTrue();
        assertThat(done).containsExactly(1, 2, 3, 4, 5);
    }

    @Test
    void withoutATimeAllAreDoneAtOnce() {
        assertThat(new Spread<>(List.of(1, 2, 3), START, 0).proceed(START, done::add))
                .isTrue();
        assertThat(done).containsExactly(1, 2, 3);
    }

    @Test
    void nothingIsDoneWithNothing() {
        assertThat(new Spread<Integer>(List.of(), START, 100).proceed(START, done::add))
                .isTrue();
        assertThat(done).isEmpty();
    }
}
