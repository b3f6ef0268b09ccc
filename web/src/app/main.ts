import '../ui/tokens.css';
import './app.js';
