"""What `code_tests` is made of: the row's shapes, the runner that reaches the sandbox, the trusted side of the tests."""
