package io.sluice.system.load;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Every answer of one load, in the order in which they came. */
public record LoadResult(List<Answer> answers) {
    public LoadResult {
        answers = List.copyOf(answers);
    }

    public List<Answer> rejected() {
        return answers.stream().filter(answer -> !answer.accepted()).toList();
    }

    public Set<Integer> acceptedNumbers() {
        return answers.stream().filter(Answer::accepted).map(Answer::number).collect(Collectors.toSet());
    }

    public Map<String, Long> byInstance() {
        return answers.stream()
                .filter(Answer::accepted)
                .collect(Collectors.groupingBy(
                        answer -> String.valueOf(answer.instance()), TreeMap::new, Collectors.counting()));
    }
}
