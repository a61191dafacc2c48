package io.sluice.proxy.discovery;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Decides what answers change among the members of a pool. An address that is new comes in at once. One that is gone goes after some answers without it,
 * and only so many go by one answer: an answer that suddenly names few is more often wrong than not, and another one comes soon. Not thread-safe.
 */
final class Membership {
    private final int removeAfter;
    private final int maxRemovalPercent;
    private final Map<String, Integer> missing = new HashMap<>();
    private Map<String, Endpoint> last = Map.of();
    private boolean restates;

    /**
     * A backend of the pool.
     *
     * @param discovered whether it is there because of its address' being in an answer
     * @param held whether somebody holds it out
     */
    record Member(String id, String address, boolean discovered, boolean eligible, boolean held) {}

    /**
     * What is to be done.
     *
     * @param added addresses that are in no backend yet
     * @param changed addresses of members whose weight or kind may be another than in the answer before
     * @param gone ids of backends to take out
     * @param kept why others stay that the answer does not name, by id
     */
    record Difference(List<Endpoint> added, List<Endpoint> changed, List<String> gone, Map<String, String> kept) {
        boolean isEmpty() {
            return added.isEmpty() && changed.isEmpty() && gone.isEmpty();
        }
    }

    /** @param removeAfter in how many answers one after the other an address is missing before its backend goes */
    Membership(int removeAfter, int maxRemovalPercent) {
        this.removeAfter = removeAfter;
        this.maxRemovalPercent = maxRemovalPercent;
    }

    /** All members that the next answer names are to be as it says, whatever was made of them since they came. */
    void restate() {
        restates = true;
    }

    /** Takes an answer in. */
    Difference take(Answer answer, Collection<Member> members) {
        Map<String, Endpoint> wished = new LinkedHashMap<>();
        answer.endpoints().forEach(endpoint -> wished.put(endpoint.address().toString(), endpoint));
        Set<String> known = members.stream().map(Member::address).collect(Collectors.toSet());
        List<Endpoint> added = wished.values().stream()
                .filter(endpoint -> !known.contains(endpoint.address().toString()))
                .toList();
        List<Member> mine = members.stream().filter(Member::discovered).toList();
        Set<String> addressesOfMine = mine.stream().map(Member::address).collect(Collectors.toSet());
        List<Endpoint> changed = wished.values().stream()
                .filter(endpoint -> addressesOfMine.contains(endpoint.address().toString())
                        && (restates || isOther(last.get(endpoint.address().toString()), endpoint)))
                .toList();
        last = wished;
        restates = false;
        Map<String, String> kept = new LinkedHashMap<>();
        Set<String> named = new HashSet<>(wished.keySet());
        // Who has another backend at the address, in the file say, does not need a second one.
        members.stream()
                .filter(member -> !member.discovered())
                .map(Member::address)
                .forEach(named::remove);
        List<String> gone = gone(mine, named, mine.size() + added.size(), kept);
        return new Difference(added, changed, gone, kept);
    }

    private static boolean isOther(@Nullable Endpoint before, Endpoint now) {
        return before != null && !before.equals(now);
    }

    private List<String> gone(List<Member> mine, Set<String> wished, int all, Map<String, String> kept) {
        Set<String> ids = new HashSet<>();
        List<Member> due = new ArrayList<>();
        for (Member member : mine) {
            if (wished.contains(member.address())) {
                continue;
            }
            ids.add(member.id());
            int answers = missing.merge(member.id(), 1, Integer::sum);
            if (answers < removeAfter) {
                kept.put(member.id(), "missing from " + answers + " of " + removeAfter + " answers");
            } else if (member.held()) {
                kept.put(member.id(), "missing from the answers; goes when nobody holds it any more");
            } else {
                due.add(member);
            }
        }
        missing.keySet().retainAll(ids);
        // Who serves nobody goes first: that costs nothing.
        due.sort(Comparator.comparing(Member::eligible));
        int most = Math.max(1, all * maxRemovalPercent / 100);
        due.stream()
                .skip(most)
                .forEach(member -> kept.put(
                        member.id(),
                        "missing from the answers; " + due.size() + " of " + all + " are, and " + most
                                + " go at a time (max-removal)"));
        return due.stream().limit(most).map(Member::id).toList();
    }
}
