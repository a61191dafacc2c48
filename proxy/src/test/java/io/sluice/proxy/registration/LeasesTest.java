package io.sluice.proxy.registration;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.registration.Leases.Member;
import io.sluice.proxy.registration.Leases.Sweep;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LeasesTest {
    private static final Duration TTL = Duration.ofSeconds(30);

    private final AtomicLong now = new AtomicLong();
    private final Leases leases = new Leases(TTL, 50, now::get);

    private static Member member(int number) {
        return new Member("i" + number, false, false);
    }

    private static List<Member> members(int count) {
        return IntStream.rangeClosed(1, count).mapToObj(LeasesTest::member).toList();
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    @Test
    void whoFallsSilentGoesAThirdLaterThanItsTime() {
        leases.grant("i1", 1);
        leases.grant("i2", 1);
        pass(TTL.dividedBy(2));
        assertThat(leases.renewKnown("i2", 1)).isTrue();
        pass(TTL.dividedBy(2));
        Sweep early = leases.sweep(members(2));
        assertThat(early.gone()).isEmpty();
        assertThat(early.kept()).containsOnlyKeys("i1");
        pass(TTL.dividedBy(3));
        assertThat(leases.sweep(members(2)).gone()).containsExactly("i1");
        assertThat(leases.sweep(members(2)).gone()).as("it is being taken out").isEmpty();
        assertThat(leases.renewKnown("i1", 1)).as("it has to come in anew").isFalse();
    }

    @Test
    void whenManyFallSilentAtOnceOnlyThoseThatAreDownGo() {
        leases.sweep(members(5));
        pass(TTL.multipliedBy(2));
        leases.grant("i5", 1);
        List<Member> seen = List.of(member(1), member(2), member(3), new Member("i4", true, false), member(5));
        Sweep sweep = leases.sweep(seen);
        assertThat(sweep.preserving()).isTrue();
        assertThat(sweep.gone()).containsExactly("i4");
        assertThat(sweep.kept()).containsOnlyKeys("i1", "i2", "i3");
        assertThat(sweep.kept().get("i1")).contains("4 of 5", "cut off");
        for (int i = 1; i <= 3; i++) {
            assertThat(leases.renewKnown("i" + i, 1)).isTrue();
        }
        assertThat(leases.sweep(members(3)).preserving()).isFalse();
    }

    @Test
    void whoIsKnownFromBeforeARestartGetsAWholeLease() {
        leases.sweep(members(1));
        assertThat(leases.left("i1")).isEqualTo(TTL);
        assertThat(leases.renewKnown("i1", 7))
                .as("nobody knows what it asked for before")
                .isTrue();
        assertThat(leases.renewKnown("i1", 7)).isTrue();
        assertThat(leases.renewKnown("i1", 8)).as("another weight is a change").isFalse();
    }

    @Test
    void aHoldKeepsWhoIsSilentOrHasLeft() {
        leases.grant("i1", 1);
        leases.grant("i2", 1);
        leases.leave("i1");
        pass(TTL.multipliedBy(2));
        List<Member> held = List.of(new Member("i1", false, true), new Member("i2", true, true));
        Sweep sweep = leases.sweep(held);
        assertThat(sweep.gone()).isEmpty();
        assertThat(sweep.left()).isEmpty();
        assertThat(sweep.kept()).containsOnlyKeys("i1", "i2");
        List<Member> free = List.of(member(1), new Member("i2", true, false));
        Sweep after = leases.sweep(free);
        assertThat(after.left()).containsExactly("i1");
        assertThat(after.gone()).containsExactly("i2");
    }

    @Test
    void whoCouldNotBeTakenOutIsTriedAgain() {
        leases.grant("i1", 1);
        leases.grant("i2", 1);
        pass(TTL.multipliedBy(2));
        leases.grant("i2", 1);
        assertThat(leases.sweep(members(2)).gone()).containsExactly("i1");
        leases.stay(Set.of("i1"));
        assertThat(leases.sweep(members(2)).gone()).containsExactly("i1");
    }

    @Test
    void nobodyIsLookedAtBeforeALeaseCanHaveRunOut() {
        assertThat(leases.isDue()).as("who is there gets a lease").isTrue();
        leases.sweep(members(2));
        assertThat(leases.isDue()).isFalse();
        pass(TTL.dividedBy(2));
        leases.grant("i3", 1);
        assertThat(leases.isDue()).isFalse();
        leases.leave("i3");
        assertThat(leases.isDue()).as("who leaves is waited for").isTrue();
        leases.end("i3");
        leases.sweep(members(2));
        assertThat(leases.isDue()).isFalse();
        pass(TTL.dividedBy(2));
        assertThat(leases.isDue()).isTrue();
        leases.sweep(members(2));
        assertThat(leases.isDue()).as("silence is looked at until it is over").isTrue();
        leases.grant("i1", 1);
        leases.grant("i2", 1);
        leases.sweep(members(2));
        assertThat(leases.isDue()).isFalse();
    }
}
