"""What each format needs, whatever it shows: safe words, colours, Markdown, HTML, JUnit, SARIF."""
