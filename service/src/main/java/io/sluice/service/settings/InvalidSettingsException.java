package io.sluice.service.settings;

import java.util.List;
import java.util.stream.Collectors;

/** The settings cannot be used; carries every problem found, not only the first. A process ends with exit code 2. */
public final class InvalidSettingsException extends RuntimeException {
    private final transient List<SettingProblem> problems;

    public InvalidSettingsException(List<SettingProblem> problems) {
        super(problems.stream().map(SettingProblem::message).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    public List<SettingProblem> problems() {
        return problems;
    }

    /** All problems as aligned columns: where, key, value, expectation. */
    public String table() {
        int where = width(problems.stream().map(SettingProblem::source).toList(), "WHERE");
        int key = width(problems.stream().map(SettingProblem::key).toList(), "KEY");
        int value = width(problems.stream().map(InvalidSettingsException::value).toList(), "VALUE");
        String row = "%-" + where + "s  %-" + key + "s  %-" + value + "s  %s%n";
        StringBuilder table = new StringBuilder(String.format(row, "WHERE", "KEY", "VALUE", "EXPECTED"));
        for (SettingProblem problem : problems) {
            String hint = problem.hint() == null ? "" : "; did you mean " + problem.hint() + "?";
            table.append(
                    String.format(row, problem.source(), problem.key(), value(problem), problem.expectation() + hint));
        }
        return table.toString();
    }

    private static String value(SettingProblem problem) {
        return problem.value() == null ? "-" : problem.value();
    }

    private static int width(List<String> cells, String title) {
        return cells.stream().mapToInt(String::length).reduce(title.length(), Math::max);
    }
}
