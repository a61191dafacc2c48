package io.sluice.proxy.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.discovery.Membership.Difference;
import io.sluice.proxy.discovery.Membership.Member;
import io.sluice.proxy.pool.BackendAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MembershipTest {
    private static Endpoint endpoint(int last, int weight) {
        return new Endpoint(new BackendAddress("10.0.0." + last, 80), weight, false);
    }

    private static Answer answer(int... last) {
        return new Answer(
                Arrays.stream(last).mapToObj(each -> endpoint(each, 1)).toList(), Duration.ofSeconds(5));
    }

    private static Member discovered(int last) {
        Endpoint endpoint = endpoint(last, 1);
        return new Member(endpoint.id(), endpoint.address().toString(), true, true, false);
    }

    private static List<Member> all(int... last) {
        return Arrays.stream(last).mapToObj(MembershipTest::discovered).toList();
    }

    private static List<String> ids(int... last) {
        return Arrays.stream(last).mapToObj(each -> endpoint(each, 1).id()).toList();
    }

    @Test
    void anAddressThatIsNewComesInAtOnce() {
        Difference difference = new Membership(3, 50).take(answer(2, 1), List.of(discovered(1)));
        assertThat(difference.added()).containsExactly(endpoint(2, 1));
        assertThat(difference.gone()).isEmpty();
    }

    @Test
    void theOrderOfAnswersMeansNothing() {
        Membership membership = new Membership(1, 50);
        List<Member> members = all(1, 2, 3);
        assertThat(membership.take(answer(3, 1, 2), members).isEmpty()).isTrue();
        assertThat(membership.take(answer(2, 3, 1, 1), members).isEmpty()).isTrue();
    }

    @Test
    void anAddressGoesWhenItWasMissingOftenEnoughInARow() {
        Membership membership = new Membership(3, 50);
        List<Member> members = all(1, 2);
        Difference first = membership.take(answer(1), members);
        assertThat(first.gone()).isEmpty();
        assertThat(first.kept()).containsEntry(ids(2).get(0), "missing from 1 of 3 answers");
        assertThat(membership.take(answer(1), members).gone()).isEmpty();
        membership.take(answer(1, 2), members);
        membership.take(answer(1), members);
        assertThat(membership.take(answer(1), members).gone()).isEmpty();
        assertThat(membership.take(answer(1), members).gone()).isEqualTo(ids(2));
    }

    @Test
    void oneAnswerTakesOutNoMoreThanItsShareAndFirstThoseThatServeNobody() {
        Membership membership = new Membership(1, 50);
        Member down = new Member("dns-10.0.0.9-80", "10.0.0.9:80", true, false, false);
        List<Member> members =
                IntStream.rangeClosed(1, 5).mapToObj(MembershipTest::discovered).collect(Collectors.toList());
        members.add(down);
        Difference difference = membership.take(answer(1), members);
        assertThat(difference.gone()).hasSize(3).contains(down.id());
        assertThat(difference.kept()).hasSize(2);
        assertThat(difference.kept().values()).allMatch(why -> why.contains("5 of 6") && why.contains("max-removal"));
    }

    @Test
    void aWholeNewSetReplacesTheOldOneAtOnce() {
        Difference difference = new Membership(1, 50).take(answer(4, 5, 6), all(1, 2, 3));
        assertThat(difference.added()).hasSize(3);
        assertThat(difference.gone()).isEqualTo(ids(1, 2, 3));
    }

    @Test
    void theLastOneMayGoToo() {
        assertThat(new Membership(1, 1).take(answer(2), all(1)).gone()).isEqualTo(ids(1));
    }

    @Test
    void whatSomebodyHoldsOrPutThereStays() {
        Member held = new Member("dns-10.0.0.8-80", "10.0.0.8:80", true, false, true);
        Member fixed = new Member("a", "10.0.0.7:80", false, true, false);
        Difference difference = new Membership(1, 100).take(answer(1), List.of(held, fixed, discovered(1)));
        assertThat(difference.isEmpty()).isTrue();
        assertThat(difference.kept()).containsOnlyKeys(held.id());
    }

    @Test
    void anAddressThatIsInThePoolAlreadyGetsNoSecondBackend() {
        Member fixed = new Member("a", "10.0.0.1:80", false, true, false);
        assertThat(new Membership(1, 100).take(answer(1), List.of(fixed)).isEmpty())
                .isTrue();
        assertThat(new Membership(1, 100)
                        .take(answer(1), List.of(fixed, discovered(1)))
                        .gone())
                .isEqualTo(ids(1));
    }

    @Test
    void onlyAWeightThatAnAnswerChangesIsChanged() {
        Membership membership = new Membership(1, 50);
        membership.take(new Answer(List.of(endpoint(1, 5)), Duration.ZERO), all(1));
        Difference same = membership.take(new Answer(List.of(endpoint(1, 5)), Duration.ZERO), all(1));
        assertThat(same.isEmpty()).isTrue();
        Difference other = membership.take(new Answer(List.of(endpoint(1, 7)), Duration.ZERO), all(1));
        assertThat(other.changed()).containsExactly(endpoint(1, 7));
    }

    @Test
    void theNextAnswerMayBeToldToCountForAllThatItNames() {
        Membership membership = new Membership(1, 50);
        membership.restate();
        assertThat(membership.take(answer(1, 3), all(1, 2)).changed()).containsExactly(endpoint(1, 1));
        assertThat(membership.take(answer(1, 3), all(1, 2, 3)).changed()).isEmpty();
    }
}
