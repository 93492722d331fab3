"""Other software: tokens it acts with for an officer, and what it does with them."""
