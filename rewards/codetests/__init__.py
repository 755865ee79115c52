"""What `code_tests` is made of: the row's shapes, the way to the sandbox, the trusted side of the tests."""
