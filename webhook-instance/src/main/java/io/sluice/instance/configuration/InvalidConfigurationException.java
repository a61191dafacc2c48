package io.sluice.instance.configuration;

import io.sluice.instance.api.ConfigProblem;
import java.util.List;
import java.util.stream.Collectors;

/** A configuration that cannot run; lists everything that is wrong with it. */
public final class InvalidConfigurationException extends RuntimeException {
    private final List<ConfigProblem> problems;

    public InvalidConfigurationException(List<ConfigProblem> problems) {
        super(problems.stream().map(InvalidConfigurationException::line).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    public List<ConfigProblem> problems() {
        return problems;
    }

    private static String line(ConfigProblem problem) {
        String hint = problem.hint() == null ? "" : " (" + problem.hint() + ")";
        return problem.file() + "#" + problem.pointer() + ": " + problem.message() + hint;
    }
}
